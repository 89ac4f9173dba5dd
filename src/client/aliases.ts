/**
 * Learns which references are one: a name, its full ARN and its partial ARNs, with the same selector, share
 * the cache entry of the one that was read first, their home.
 *
 * @module
 */

import { parseReference } from '../reference/parse.js'
import type { Reference } from '../reference/reference.js'

/** What two references have in common when they are one: the full ARN with the selector, as a cache key. */
type Identity = string

/** The aliases of one client. */
export class Aliases {
  readonly #maxEntries: number
  readonly #homeOfIdentity = new Map<Identity, string>()
  readonly #identityOfHome = new Map<string, Identity>()
  readonly #homeOfKey = new Map<string, string>()

  /** @param maxEntries - identities that are remembered; all are forgotten when there are more */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** The key that the entry of `key` is kept under. */
  homeOf(key: string): string {
    return this.#homeOfKey.get(key) ?? key
  }

  /**
   * Takes note of the ARN that `reference` turned out to have, and returns its home.
   *
   * A secret that was deleted and created again has a new ARN: its name leaves the old one behind.
   */
  learn(reference: Reference, arn: string | undefined): string {
    const { key } = reference
    const identity = identityOf(reference, arn)
    if (identity === undefined) return key
    const known = this.#homeOfIdentity.get(identity)
    if (known === undefined) this.#settle(identity, key)
    else if (known !== key) this.#link(key, known)
    return known ?? key
  }

  #settle(identity: Identity, home: string): void {
    if (this.#homeOfIdentity.size >= this.#maxEntries) this.#forgetAll()
    this.#leave(home)
    this.#homeOfIdentity.set(identity, home)
    this.#identityOfHome.set(home, identity)
    if (identity !== home) this.#homeOfKey.set(identity, home)
  }

  #link(key: string, home: string): void {
    if (this.#homeOfKey.get(key) === home) return
    this.#leave(key)
    this.#homeOfKey.set(key, home)
  }

  /** Ends what `key` was so far: an alias, or the home of others. */
  #leave(key: string): void {
    this.#homeOfKey.delete(key)
    const identity = this.#identityOfHome.get(key)
    if (identity === undefined) return
    this.#identityOfHome.delete(key)
    this.#homeOfIdentity.delete(identity)
    for (const [alias, home] of this.#homeOfKey) if (home === key) this.#homeOfKey.delete(alias)
  }

  #forgetAll(): void {
    this.#homeOfIdentity.clear()
    this.#identityOfHome.clear()
    this.#homeOfKey.clear()
  }
}

/** `undefined` where the answer had no ARN, or one that does not fit, as those of test doubles may. */
function identityOf(reference: Reference, arn: string | undefined): Identity | undefined {
  if (arn === undefined) return undefined
  const { service } = reference
  try {
    return service === 'ssm'
      ? parseReference({ service, arn, version: reference.version, label: reference.label }).key
      : parseReference({ service, arn, versionId: reference.versionId, versionStage: reference.versionStage })
          .key
  } catch {
    return undefined
  }
}
