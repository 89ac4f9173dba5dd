/**
 * Opens the version that is to be tried.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import { isSecretsError } from '../../errors.js'
import type { ResolvedReadOptions } from '../../options/read-options.js'
import { isArnOf } from '../../reference/identity.js'
import type { Reference } from '../../reference/reference.js'
import type { Item } from '../item.js'
import type { SecretRead } from '../secret-read.js'
import type { Credential } from './credential.js'
import { versionKey } from './versions.js'

/** What versions are read by. */
export interface CredentialReader {
  /** What is cached and fresh enough. */
  cached(reference: Reference, how: ResolvedReadOptions): Cached<Item> | undefined
  /** A value that will do though it is stale, or else from upstream. */
  load(reference: Reference, how: ResolvedReadOptions): Promise<Cached<Item>>
  /** From upstream, by a request that starts now; no read of anybody's. */
  reload(reference: Reference, signal: AbortSignal): Promise<Cached<Item>>
  /** What was found, decoded. */
  open(found: Cached<Item>, reference: Reference, how: ResolvedReadOptions): Promise<SecretRead<unknown>>
  /** The default where nothing is there; else throws the error. */
  orDefault(error: unknown, reference: Reference, how: ResolvedReadOptions): SecretRead<unknown>
  /** Keeps a version readable until the function that is returned is called. */
  hold(found: Cached<Item>): () => void
  /** The key under which a value is cached. */
  homeOf(key: string): string
}

/** What is read, and how. */
export interface ReadAs {
  readonly reference: Reference
  readonly how: ResolvedReadOptions
}

/** What is to be tried: decoded, and as it was found. */
export interface Opened {
  readonly read: SecretRead<unknown>
  readonly found: Cached<Item> | undefined
}

/** What was found, or else what is current, decoded. */
export async function open(
  reader: CredentialReader,
  credential: Credential,
  { reference, how }: ReadAs,
  found: Cached<Item> | undefined,
): Promise<Opened> {
  try {
    const chosen = ownOf(reference, found) ?? (await current(reader, credential, { reference, how }))
    const read = await reader.open(chosen, reference, how)
    const isPrevious = versionKey(read) !== versionKey(chosen.value.provenance)
    if (!isPrevious || !credential.isRefused(versionKey(read))) return { read, found: chosen }
    // The version before is served where the new one cannot be decoded; here that is of no use either.
    return { read: await reader.open(chosen, reference, { ...how, fresh: true }), found: chosen }
  } catch (error) {
    return { read: reader.orDefault(error, reference, how), found: undefined }
  }
}

async function current(
  reader: CredentialReader,
  credential: Credential,
  { reference, how }: ReadAs,
): Promise<Cached<Item>> {
  try {
    const cached = reader.cached(reference, how) ?? (await reader.load(reference, how))
    return ownOf(reference, credential.served(cached)) ?? cached
  } catch (error) {
    const isPassing = isSecretsError(error) && error.retryable
    const substitute = isPassing ? ownOf(reference, credential.served(undefined)) : undefined
    if (substitute === undefined) throw error
    return substitute
  }
}

/** What was found for all, unless it is another secret: one that was created anew has the name, and another ARN. */
function ownOf(reference: Reference, found: Cached<Item> | undefined): Cached<Item> | undefined {
  const arn = found?.value.provenance.arn
  return reference.arn === undefined || arn === undefined || isArnOf(reference, arn) ? found : undefined
}
