/**
 * The endpoint that ECS, EKS Pod Identity, SageMaker or Lambda SnapStart runs for a container: where it is, what it is
 * asked with, and what it gives.
 *
 * @module
 */

import { validateHeaderValue } from 'node:http'
import { isFields, stringIn } from '../answer.js'
import { CredentialsFailure, type LeanCredentials, type LeanEnvironment, variableIn } from './credentials.js'
import { type Answered, type Asked, agentFor, exchange } from './exchange.js'

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

const MAX_BYTES = 65_536

/** Credentials with the time at which they expire, in milliseconds since the epoch. */
export interface Lease {
  readonly credentials: LeanCredentials
  readonly expiresAt: number
}

/** Whether the environment names such an endpoint. */
export function hasContainerCredentials(environment: LeanEnvironment): boolean {
  return (variableIn(environment, RELATIVE_URI) ?? variableIn(environment, FULL_URI)) !== undefined
}

/**
 * Asks the endpoint, once.
 *
 * @throws CredentialsFailure for what is wrong with it; what Node.js says, raw, when no answer comes
 */
export async function leaseFrom(
  environment: LeanEnvironment,
  asked: Required<Pick<Asked, 'signal' | 'onSocket'>>,
): Promise<Lease> {
  const url = endpointIn(environment)
  const token = await tokenIn(environment)
  const headers = token === undefined ? {} : { authorization: token }
  // An agent of its own, since the endpoint is never behind a proxy, and without idle sockets.
  const agent = agentFor(url, { keepAlive: false })
  return leaseIn(await exchange({ ...asked, method: 'GET', url, headers, agent, maxBytes: MAX_BYTES }))
}

/** Where to ask. Plain HTTP is spoken only to this machine and to the addresses of the runtimes. */
function endpointIn(environment: LeanEnvironment): URL {
  const relative = variableIn(environment, RELATIVE_URI)
  const full = variableIn(environment, FULL_URI)
  const text = relative === undefined ? full : ecsUrl(relative)
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !isTrusted(url)) throw new CredentialsFailure('host')
  return url
}

/** `undefined` for what would make another host of the one before it. */
function ecsUrl(path: string): string | undefined {
  return path.startsWith('/') ? `http://${ECS_HOST}${path}` : undefined
}

/** Whether the token may be sent there; a name or password in the URL would be sent instead of it. */
function isTrusted({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false
  const isPlain = protocol === 'http:' && (PLAIN_HOSTS.has(hostname) || isLoopback(hostname))
  return isPlain || protocol === 'https:'
}

/** Of the form `127.0.0.1`, which is what the parser of URLs makes of any other. */
function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** The file, which the runtime may rewrite at any time, goes before the variable. */
async function tokenIn(environment: LeanEnvironment): Promise<string | undefined> {
  const file = variableIn(environment, TOKEN_FILE)
  try {
    const token = file === undefined ? variableIn(environment, TOKEN) : await lineIn(file)
    if (token !== undefined) validateHeaderValue('authorization', token)
    return token
  } catch {
    throw new CredentialsFailure('token')
  }
}

/** The text of a file, without the end of line that an editor or `echo` leaves. */
async function lineIn(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}

function leaseIn({ status, body }: Answered): Lease {
  if (status !== 200) throw new CredentialsFailure(`status ${status}`)
  const found = parsed(body ?? '')
  const fields = isFields(found) ? found : {}
  const accessKeyId = stringIn(fields, 'AccessKeyId')
  const secretAccessKey = stringIn(fields, 'SecretAccessKey')
  const sessionToken = stringIn(fields, 'Token')
  const expiresAt = Date.parse(stringIn(fields, 'Expiration') ?? '')
  const isWhole = accessKeyId !== undefined && secretAccessKey !== undefined && sessionToken !== undefined
  if (!isWhole || Number.isNaN(expiresAt)) throw new CredentialsFailure('malformed')
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expiresAt }
}

/** `undefined` for what is no JSON: the error of the parser would quote it. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
