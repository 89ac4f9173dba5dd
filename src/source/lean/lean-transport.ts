/**
 * Requests without the AWS SDK where the environment allows it, and through the SDK where it does not: per service
 * and region, decided when the first client for it is made.
 *
 * @module
 */

import { SecretsError, isSecretsError } from '../../errors.js'
import type { Service } from '../../reference/reference.js'
import type { ServiceRequest, Transport } from '../transport.js'
import type { LeanEnvironment } from './credentials.js'
import { LeanClient, LeanCommand, type LeanTools } from './lean-client.js'
import { planOf } from './plan.js'

/** What every lean transport of a process shares. */
export interface LeanSettings extends LeanTools {
  readonly environment: LeanEnvironment
}

/** The transport of a service, with the one to fall back on. */
export function leanTransport<Request extends ServiceRequest>(
  service: Service,
  sdk: Transport<Request>,
  settings: LeanSettings,
): Transport<Request> {
  return {
    async create(region) {
      const plan = planOf(service, region, settings.environment)
      if (!('because' in plan)) return new LeanClient(plan, settings)
      return sdk.create(region).catch(explaining(plan.because))
    },
    async command(client, request) {
      return client instanceof LeanClient ? new LeanCommand(request) : sdk.command(client, request)
    },
  }
}

/** Says why an SDK that is missing is needed at all. */
function explaining(because: string): (error: unknown) => never {
  return (error) => {
    if (!isSecretsError(error, 'ERR_MISSING_PEER')) throw error
    throw new SecretsError('ERR_MISSING_PEER', {
      what: error.what,
      hint: `${error.hint ?? ''}, which the lean transport falls back on because ${because}.`,
    })
  }
}
