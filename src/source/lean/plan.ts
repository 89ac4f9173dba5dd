/**
 * Decides whether requests need no more than this transport knows, and where they go then. What it does not know is
 * left to the AWS SDK, so that no setting is ever ignored.
 *
 * @module
 */

import { join, sep } from 'node:path'
import type { Service } from '../../reference/reference.js'
import { hasContainerCredentials } from './container-endpoint.js'
import { type LeanEnvironment, credentialsIn, variableIn } from './credentials.js'

/** Where the requests of one service go. */
export interface LeanPlan {
  readonly service: Service
  readonly region: string
  readonly endpoint: URL
}

/** Why the AWS SDK is needed. */
export interface SdkNeeded {
  /** As the end of a sentence. */
  readonly because: string
  /** What to do so that it is not, as a sentence without its stop. */
  readonly instead: string
}

/** Variables for which the AWS SDK does what this transport does not. */
const SDK_VARIABLES = ['AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_SDK_UA_APP_ID']
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
  const reason = reasonIn(environment)
  if (reason !== undefined) return reason
  const region = asked ?? variableIn(environment, 'AWS_REGION')
  if (region === undefined) return NO_REGION
  const suffix = PARTITIONS.find(({ regions }) => regions.test(region))?.suffix
  if (suffix === undefined) return UNKNOWN_REGION
  const configured = configuredIn(service, environment)
  if (configured === undefined) {
    return { service, region, endpoint: new URL(`https://${service}.${region}.${suffix}`) }
  }
  const endpoint = plainEndpoint(configured)
  return endpoint === undefined ? UNUSUAL_ENDPOINT : { service, region, endpoint }
}

const NO_CREDENTIALS = {
  because: 'the environment has no credentials',
  instead: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
}
const NO_REGION = {
  because: 'AWS_REGION is not set',
  instead: 'Set AWS_REGION, or pass { region } to leanSources()',
}
const UNKNOWN_REGION = {
  because: 'the region is not one that they know',
  instead: 'Check the region',
}
const UNUSUAL_ENDPOINT = {
  because: 'the endpoint URL has more than a host',
  instead: 'Give the endpoint URL with scheme, host and port only',
}

function reasonIn(environment: LeanEnvironment): SdkNeeded | undefined {
  const variable = SDK_VARIABLES.find((name) => variableIn(environment, name) !== undefined)
  const set = variable ?? SWITCHES.find((name) => !isOff(environment, name))
  if (set !== undefined) return { because: `${set} is set`, instead: `Unset ${set}` }
  if (credentialsIn(environment) === undefined && !hasContainerCredentials(environment)) return NO_CREDENTIALS
  // An import would load all that the module has, streams and all, which takes a millisecond.
  const { existsSync } = process.getBuiltinModule('node:fs')
  const found = FILES.find((file) => existsSync(pathOf(file, environment)))
  if (found === undefined) return undefined
  return {
    because: `there is a shared AWS file (${found.name})`,
    instead: `Point ${found.variable} at a file that is not there`,
  }
}

function isOff(environment: LeanEnvironment, name: string): boolean {
  return (variableIn(environment, name) ?? 'false') === 'false'
}

function pathOf({ variable, name }: (typeof FILES)[number], environment: LeanEnvironment): string {
  const path = variableIn(environment, variable) ?? `~/.aws/${name}`
  return path.startsWith('~/') ? join(homeIn(environment), path.slice(2)) : path
}

/** Where the AWS SDK looks for it. */
function homeIn(environment: LeanEnvironment): string {
  const path = variableIn(environment, 'HOMEPATH')
  const { HOMEDRIVE: drive = `C:${sep}` } = environment
  return (
    variableIn(environment, 'HOME') ??
    variableIn(environment, 'USERPROFILE') ??
    (path === undefined ? process.getBuiltinModule('node:os').homedir() : `${drive}${path}`)
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
