/**
 * Tells what a failure says about the credentials, and has expired ones renewed before the next request.
 *
 * @module
 */

import { abortable } from '../abortable.js'
import { memberOf } from '../stored-value.js'
import { type Fields, isFields, stringIn } from './answer.js'
import type { SdkClient } from './sdk-client.js'

const PROVIDER_ERRORS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ProviderError',
])

const EXPIRY_ERRORS: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
])

/** Whether an SDK client found no credentials to sign with, so that nothing was sent. Never throws. */
export function isUnsent(error: unknown): boolean {
  return looks(
    error,
    (fields) => PROVIDER_ERRORS.has(nameOf(fields)) && memberOf(fields, '$metadata') === undefined,
  )
}

/** Whether the service says that credentials or signature have expired. Never throws. */
export function isExpired(error: unknown): boolean {
  return looks(
    error,
    (fields) =>
      EXPIRY_ERRORS.has(nameOf(fields)) ||
      (nameOf(fields) === 'InvalidSignatureException' &&
        stringIn(fields, 'message')?.includes('Signature expired') === true),
  )
}

/** What is known of the credentials of one client. */
interface Credentials {
  isExpired: boolean
  /** Counts renewals, so that a request that was signed before one does not ask for another. */
  renewals: number
  renewing: Promise<void> | undefined
}

/** Renews the credentials of clients whose last request found them expired: once, before the next request. */
export class Renewals {
  readonly #credentials = new WeakMap<SdkClient, Credentials>()

  /** Runs `send` with credentials that are not known to be expired, and takes note of what it says about them. */
  async around<Answer>(client: SdkClient, signal: AbortSignal, send: () => Promise<Answer>): Promise<Answer> {
    const known = this.#of(client)
    await renewed(client, known, signal)
    const { renewals } = known
    try {
      return await send()
    } catch (error) {
      if (isExpired(error) && renewals === known.renewals) known.isExpired = true
      throw error
    }
  }

  #of(client: SdkClient): Credentials {
    const known = this.#credentials.get(client) ?? { isExpired: false, renewals: 0, renewing: undefined }
    this.#credentials.set(client, known)
    return known
  }
}

async function renewed(client: SdkClient, known: Credentials, signal: AbortSignal): Promise<void> {
  if (known.isExpired) {
    known.isExpired = false
    known.renewals += 1
    known.renewing = renew(client)
  }
  const { renewing } = known
  if (renewing === undefined) return
  try {
    await abortable(renewing, signal)
  } finally {
    // Also after an abort: a provider that hangs must not hold up every later load.
    if (known.renewing === renewing) known.renewing = undefined
  }
}

/** The providers of SDK clients forget what they remember when they are called like this. */
async function renew({ config }: SdkClient): Promise<void> {
  try {
    const provider: unknown = config === undefined ? undefined : Reflect.get(config, 'credentials')
    if (typeof provider === 'function') await Reflect.apply(provider, config, [{ forceRefresh: true }])
  } catch {
    // The request that follows meets the same failure, and reports it.
  }
}

function looks(error: unknown, like: (fields: Fields) => boolean): boolean {
  try {
    return isFields(error) && like(error)
  } catch {
    // A getter or a proxy threw while it was looked at.
    return false
  }
}

function nameOf(fields: Fields): string {
  return stringIn(fields, 'name') ?? ''
}
