/** Lean sources, pointed at a local server. */

import type { Agent } from 'node:http'
import { onTestFinished, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.js'
import type { Source } from '../../src/index.js'
import type { LeanCredentials } from '../../src/source/lean/credentials.js'
import { leanTransport } from '../../src/source/lean/lean-transport.js'
import { ParameterSource } from '../../src/source/parameter-store.js'
import { SecretSource } from '../../src/source/secrets-manager.js'
import { parameterStoreSdk, secretsManagerSdk } from '../../src/source/sdk-transport.js'

/** A server that a client can be pointed at, such as the fault server. */
interface Server {
  readonly clientConfig: {
    readonly endpoint: string
    readonly region: string
    readonly credentials: () => Promise<LeanCredentials>
    readonly requestHandler: { readonly httpAgent: Agent } | { readonly httpsAgent: Agent }
  }
}

const SETTINGS = [
  'PROFILE',
  'WEB_IDENTITY_TOKEN_FILE',
  'SDK_UA_APP_ID',
  'USE_FIPS_ENDPOINT',
  'USE_DUALSTACK_ENDPOINT',
]

/** What a process has in the cloud: credentials and a region in variables, and no file with settings. */
export const LEAN_ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'dummy',
  AWS_CONFIG_FILE: '/nowhere/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
}

/** Has the process look as it does in the cloud, with these variables, until the test is over. */
export function stubEnvironment(variables: Readonly<Record<string, string | undefined>> = {}): void {
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const name of SETTINGS) vi.stubEnv(`AWS_${name}`, undefined)
  for (const [name, value] of Object.entries({ ...LEAN_ENVIRONMENT, ...variables })) vi.stubEnv(name, value)
}

/** Where lean sources are pointed at, and with what. */
interface Place {
  readonly endpoint: string
  readonly region: string
  readonly credentials: LeanCredentials | (() => Promise<LeanCredentials>)
  readonly clock?: Clock
  readonly agent?: Agent
}

/** Lean sources that know nothing of the environment of the process. */
export function leanSourcesAt({ endpoint, region, credentials, clock, agent }: Place): readonly Source[] {
  const environment = { ...LEAN_ENVIRONMENT, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint }
  const provider = typeof credentials === 'function' ? credentials : () => Promise.resolve(credentials)
  const settings = { clock: clock ?? systemClock, agent, environment, credentials: provider }
  return [
    new SecretSource(leanTransport('secretsmanager', secretsManagerSdk, settings), {}),
    new ParameterSource(leanTransport('ssm', parameterStoreSdk, settings), {}),
  ]
}

/** Lean sources that reach the server through its own agent, with the credentials that it gives. */
export function leanSourcesOf({ clientConfig }: Server, clock: Clock): readonly Source[] {
  const { requestHandler, ...place } = clientConfig
  const agent = 'httpAgent' in requestHandler ? requestHandler.httpAgent : requestHandler.httpsAgent
  return leanSourcesAt({ ...place, clock, agent })
}
