/**
 * Sources that read both services without the AWS SDK wherever that is enough.
 *
 * @module
 */

import type { Agent } from 'node:http'
import { type Clock, systemClock } from '../../clock.js'
import { ParameterSource } from '../parameter-store.js'
import { parameterStoreSdk, secretsManagerSdk } from '../sdk-transport.js'
import { SecretSource } from '../secrets-manager.js'
import type { Source } from '../source.js'
import { LeanCredentialsProvider } from './credentials-provider.js'
import { leanTransport } from './lean-transport.js'

/** What lean sources can be told. */
export interface LeanOptions {
  /**
   * AWS region of references that name none. The option `region` of the client is not for sources that are passed in.
   *
   * @defaultValue `AWS_REGION`, or else as the AWS SDK finds it
   */
  readonly region?: string | undefined
  /**
   * Where sockets come from, such as an agent that goes through a proxy. It is never destroyed by the library.
   *
   * @defaultValue an agent for each service and region that keeps up to 50 sockets open while they are idle
   */
  readonly agent?: Agent | undefined
  /**
   * Where time comes from: that of signatures, and that at which credentials expire. Pass the clock of the client.
   *
   * @defaultValue the machine's clocks
   */
  readonly clock?: Clock | undefined
}

/**
 * Sources for both services that sign and send requests themselves, for an application whose cold start counts: they
 * load in a fraction of the time of an AWS SDK client.
 *
 * They know credentials in environment variables and those of containers, `AWS_REGION`, and the variables for
 * endpoint URLs. For a service and region that need anything else, such as a profile or SSO, they import the AWS SDK
 * and read through it, as the built-in sources do.
 *
 * @example
 * ```ts
 * const secrets = new SecretsClient({ sources: leanSources() })
 * ```
 */
export function leanSources({ region, agent, clock = systemClock }: LeanOptions = {}): readonly Source[] {
  const { env: environment } = process
  const provider = new LeanCredentialsProvider(clock, environment)
  const credentials = (isRenewal: boolean) => provider.get(isRenewal)
  const settings = { clock, agent, environment, credentials }
  return [
    new SecretSource(leanTransport('secretsmanager', secretsManagerSdk, settings), { region }),
    new ParameterSource(leanTransport('ssm', parameterStoreSdk, settings), { region }),
  ]
}
