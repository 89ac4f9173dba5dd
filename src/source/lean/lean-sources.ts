/**
 * Sources that read both services without the AWS SDK wherever that is enough.
 *
 * @module
 */

import { systemClock } from '../../clock.js'
import { ParameterSource } from '../parameter-store.js'
import { parameterStoreSdk, secretsManagerSdk } from '../sdk-transport.js'
import { SecretSource } from '../secrets-manager.js'
import type { Source } from '../source.js'
import type { LeanCredentials } from './credentials.js'
import { LeanCredentialsProvider } from './credentials-provider.js'
import { type LeanOptions, checkedOptions } from './lean-options.js'
import { leanTransport } from './lean-transport.js'

/**
 * Sources for both services that sign and send requests themselves, for an application whose cold start counts: they
 * load in a fraction of the time of an AWS SDK client.
 *
 * They know credentials in environment variables and those of containers, `AWS_REGION`, and the variables for
 * endpoint URLs. For a service and region that need anything else, such as a profile or SSO, they import the AWS SDK
 * and read through it, as the built-in sources do.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 *
 * @example
 * ```ts
 * const secrets = new SecretsClient({ sources: leanSources() })
 * ```
 */
export function leanSources(options: LeanOptions = {}): readonly Source[] {
  const { region, agent, clock = systemClock } = checkedOptions(options)
  const { env: environment } = process
  const provider = new LeanCredentialsProvider(clock, environment)
  const credentials = (signal: AbortSignal, refused?: LeanCredentials) => provider.get(signal, refused)
  const settings = { clock, agent, environment, credentials }
  return [
    new SecretSource(leanTransport('secretsmanager', secretsManagerSdk, settings), { region }),
    new ParameterSource(leanTransport('ssm', parameterStoreSdk, settings), { region }),
  ]
}
