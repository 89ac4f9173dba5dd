/**
 * Decides whether requests need no more than this transport knows, and where they go then. What it does not know is
 * left to the AWS SDK, so that no setting is ever ignored.
 *
 * @module
 */

import { join } from 'node:path'
import type { Service } from '../../reference/reference.js'
import { hasContainerCredentials } from './container-credentials.js'
import { type LeanEnvironment, credentialsIn, variableIn } from './credentials.js'

/** Where the requests of one service go. */
export interface LeanPlan {
  readonly service: Service
  readonly region: string
  readonly endpoint: URL
}

/** Why the AWS SDK is needed, as the end of a sentence. */
export interface SdkNeeded {
  readonly because: string
}

/** Variables that have the AWS SDK look for credentials, or for endpoints, where this transport does not. */
const PROVIDER_VARIABLES = ['AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']
const SWITCHES = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_DISABLE_CLOCK_SKEW_CORRECTION']
const FILES = [
  { variable: 'AWS_CONFIG_FILE', name: 'config' },
  { variable: 'AWS_SHARED_CREDENTIALS_FILE', name: 'credentials' },
]

/** Regions of the partitions `aws`, `aws-us-gov` and `aws-cn`, with the end of their host names. */
const PARTITIONS = [
  { regions: /^(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/, suffix: 'amazonaws.com' },
  { regions: /^us-gov-\w+-\d+$/, suffix: 'amazonaws.com' },
  { regions: /^cn-\w+-\d+$/, suffix: 'amazonaws.com.cn' },
]

const ENDPOINT_VARIABLES: Readonly<Record<Service, string>> = {
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  ssm: 'AWS_ENDPOINT_URL_SSM',
}

/** The way of requests to a service, from the environment as it is now. */
export function planOf(
  service: Service,
  asked: string | undefined,
  environment: LeanEnvironment,
): LeanPlan | SdkNeeded {
  const because = reasonIn(environment)
  if (because !== undefined) return { because }
  const region = asked ?? variableIn(environment, 'AWS_REGION')
  if (region === undefined) return { because: 'AWS_REGION is not set' }
  const suffix = PARTITIONS.find(({ regions }) => regions.test(region))?.suffix
  if (suffix === undefined) return { because: 'it does not know the region' }
  const configured = configuredIn(service, environment)
  if (configured === undefined) {
    return { service, region, endpoint: new URL(`https://${service}.${region}.${suffix}`) }
  }
  const endpoint = plainEndpoint(configured)
  return endpoint === undefined
    ? { because: 'the endpoint URL has more than a host' }
    : { service, region, endpoint }
}

function reasonIn(environment: LeanEnvironment): string | undefined {
  const provider = PROVIDER_VARIABLES.find((name) => variableIn(environment, name) !== undefined)
  const set = provider ?? SWITCHES.find((name) => !isOff(environment, name))
  if (set !== undefined) return `${set} is set`
  if (credentialsIn(environment) === undefined && !hasContainerCredentials(environment)) {
    return 'the environment has no credentials'
  }
  // An import would load all that the module has, streams and all, which takes a millisecond.
  const { existsSync } = process.getBuiltinModule('node:fs')
  return FILES.some((file) => existsSync(pathOf(file, environment)))
    ? 'there is a shared configuration or credentials file'
    : undefined
}

function isOff(environment: LeanEnvironment, name: string): boolean {
  return (variableIn(environment, name) ?? 'false') === 'false'
}

function pathOf({ variable, name }: (typeof FILES)[number], environment: LeanEnvironment): string {
  return variableIn(environment, variable) ?? join(homeIn(environment), '.aws', name)
}

/** Where the AWS SDK looks for it. */
function homeIn(environment: LeanEnvironment): string {
  return (
    variableIn(environment, 'HOME') ??
    variableIn(environment, 'USERPROFILE') ??
    process.getBuiltinModule('node:os').homedir()
  )
}

function configuredIn(service: Service, environment: LeanEnvironment): string | undefined {
  if (!isOff(environment, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')) return undefined
  return variableIn(environment, ENDPOINT_VARIABLES[service]) ?? variableIn(environment, 'AWS_ENDPOINT_URL')
}

/** Scheme, host and port, and nothing else. */
function plainEndpoint(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  return isHttp && url.href === `${url.origin}/` ? url : undefined
}
