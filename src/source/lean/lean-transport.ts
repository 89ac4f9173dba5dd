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
import { type SdkNeeded, planOf } from './plan.js'

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
      return sdk.create(region).catch(explaining(plan))
    },
    async command(client, request) {
      return client instanceof LeanClient ? new LeanCommand(request) : sdk.command(client, request)
    },
  }
}

/** Says why an SDK that is missing is needed at all, and how it would not be. What to type stands last. */
function explaining({ because, instead }: SdkNeeded): (error: unknown) => never {
  return (error) => {
    if (!isSecretsError(error, 'ERR_MISSING_PEER')) throw error
    const { what, hint = '' } = error
    const install = `${hint.slice(0, 1).toLowerCase()}${hint.slice(1)}`
    throw new SecretsError('ERR_MISSING_PEER', {
      what,
      hint: `Lean sources need it because ${because}. ${instead}, or ${install}`,
    })
  }
}
