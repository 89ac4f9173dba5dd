/**
 * Credentials from the endpoint that ECS, EKS Pod Identity, SageMaker or Lambda SnapStart runs for a container.
 *
 * @module
 */

import type { Clock } from '../../clock.js'
import { isFields, stringIn } from '../answer.js'
import { CredentialsFailure, type LeanCredentials, type LeanEnvironment, variableIn } from './credentials.js'
import { type Answered, exchange } from './exchange.js'

const RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'
const FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const TOKEN = 'AWS_CONTAINER_AUTHORIZATION_TOKEN'
const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'

/** Where ECS answers, over plain HTTP, and the two addresses of EKS Pod Identity. */
const ECS_HOST = '169.254.170.2'
const PLAIN_HOSTS: ReadonlySet<string> = new Set([
  ECS_HOST,
  '169.254.170.23',
  '[fd00:ec2::23]',
  '[::1]',
  'localhost',
])

/** As long as the AWS SDK waits. */
const TIMEOUT_MS = 1_000
/** Used no more when so little of their time is left, as with the AWS SDK. */
const MARGIN_MS = 300_000
const MAX_BYTES = 65_536

/** Credentials with the time at which they expire, in milliseconds since the epoch. */
interface Lease {
  readonly credentials: LeanCredentials
  readonly expiresAt: number
}

/** Whether the environment names such an endpoint. */
export function hasContainerCredentials(environment: LeanEnvironment): boolean {
  return (variableIn(environment, RELATIVE_URI) ?? variableIn(environment, FULL_URI)) !== undefined
}

/** Credentials that are asked for once, whoever needs them, and kept until shortly before they expire. */
export class ContainerCredentials {
  readonly #clock: Clock
  readonly #environment: LeanEnvironment
  #lease: Lease | undefined
  #asking: Promise<Lease> | undefined

  constructor(clock: Clock, environment: LeanEnvironment) {
    this.#clock = clock
    this.#environment = environment
  }

  /** @throws CredentialsFailure when the endpoint gives none. */
  async get(): Promise<LeanCredentials> {
    if (this.#lease !== undefined && this.#lease.expiresAt - this.#clock.now() >= MARGIN_MS) {
      return this.#lease.credentials
    }
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    const { credentials } = await this.#asking
    return credentials
  }

  /** Asks again the next time. */
  forget(): void {
    this.#lease = undefined
  }

  async #ask(): Promise<Lease> {
    const over = new AbortController()
    const overtime = this.#clock.sleep(TIMEOUT_MS, { signal: over.signal, ref: false })
    const late = new AbortController()
    overtime.then(
      () => {
        late.abort()
      },
      () => undefined,
    )
    try {
      this.#lease = leaseIn(await this.#request(late.signal))
      return this.#lease
    } catch (error) {
      throw error instanceof CredentialsFailure ? error : new CredentialsFailure('the endpoint failed')
    } finally {
      over.abort()
    }
  }

  async #request(signal: AbortSignal): Promise<Answered> {
    const url = endpointIn(this.#environment)
    const token = await tokenIn(this.#environment)
    const headers = token === undefined ? {} : { authorization: token }
    return exchange({ method: 'GET', url, headers, signal, maxBytes: MAX_BYTES })
  }
}

/** Where to ask. Plain HTTP is spoken only to this machine and to the addresses of the runtimes. */
function endpointIn(environment: LeanEnvironment): URL {
  const relative = variableIn(environment, RELATIVE_URI)
  const full = variableIn(environment, FULL_URI)
  const text = relative === undefined ? (full ?? '') : `http://${ECS_HOST}${relative}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.protocol === 'http:' && (PLAIN_HOSTS.has(url.hostname) || isLoopback(url.hostname))
  if (url !== undefined && (isPlain || url.protocol === 'https:')) return url
  throw new CredentialsFailure('the endpoint is not one to trust with the token')
}

/** Of the form `127.0.0.1`, which is what the parser of URLs makes of any other. */
function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** The file, which the runtime may rewrite at any time, goes before the variable. */
async function tokenIn(environment: LeanEnvironment): Promise<string | undefined> {
  const file = variableIn(environment, TOKEN_FILE)
  if (file === undefined) return variableIn(environment, TOKEN)
  const { readFile } = await import('node:fs/promises')
  return readFile(file, 'utf8')
}

function leaseIn({ status, body }: Answered): Lease {
  const found: unknown = status === 200 ? JSON.parse(body) : undefined
  const fields = isFields(found) ? found : {}
  const accessKeyId = stringIn(fields, 'AccessKeyId')
  const secretAccessKey = stringIn(fields, 'SecretAccessKey')
  const sessionToken = stringIn(fields, 'Token')
  const expiresAt = Date.parse(stringIn(fields, 'Expiration') ?? '')
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
    throw new CredentialsFailure('the endpoint gave no credentials')
  }
  if (Number.isNaN(expiresAt)) throw new CredentialsFailure('the endpoint gave no time of expiry')
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expiresAt }
}
