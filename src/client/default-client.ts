/**
 * The drop-in: one client for the whole process, made when it is first asked for.
 *
 * @module
 */

import type { ReadOptions } from '../options/read-options.js'
import type { Exactly, PlainRead, ReadValue } from '../options/read-value.js'
import type { ReferenceInput } from '../reference/reference.js'
import { SecretsClient } from './secrets-client.js'

/**
 * The client behind {@link getSecret}, made with default options on the first call. Read its statistics,
 * invalidate a value in a test, or close it: after `close` the next call makes a new one.
 */
export const defaultClient: () => SecretsClient = reopening(() => new SecretsClient())

/**
 * Resolves with a value through {@link defaultClient}; replaces a hand-written `getSecret`.
 *
 * @throws TypeError for an argument of the wrong type.
 * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
 *
 * @example
 * ```ts
 * import { getSecret } from 'aws-secrets-client'
 *
 * const password = await getSecret('prod/db#password')
 * ```
 */
export function getSecret<const Options extends ReadOptions = PlainRead>(
  ref: ReferenceInput,
  options?: Options & Exactly<Options>,
): Promise<ReadValue<Options>> {
  return defaultClient().get<Options>(ref, options)
}

/** Keeps what `open` made for as long as it is open. */
function reopening(open: () => SecretsClient): () => SecretsClient {
  let client: SecretsClient | undefined
  return () => {
    if (client === undefined || client.isClosed) client = open()
    return client
  }
}
