/** Does with a client whatever a user may do, and keeps what comes of it. */

import type { ReferenceInput, SecretsClient, SecretsEvent } from '../../src/index.js'
import type { LoadOptions, ReadOptions, TreeOptions } from '../../src/options/read-options.js'
import type { Manifest } from '../../src/options/manifest.js'
import { takeHeard } from './heard.js'
import { type Evidence, clientsOf } from './sinks.js'

/** Settles promises, on whatever clock they wait. */
export type Settle = (calls: readonly Promise<unknown>[]) => Promise<readonly PromiseSettledResult<unknown>[]>

/** Settles promises of a client that waits for nothing but what its source answers. */
const settleAtOnce: Settle = (calls) => Promise.allSettled(calls)

/** Collects the evidence of one scene. */
export class Scene {
  readonly #secrets: SecretsClient
  readonly #events: readonly SecretsEvent[]
  readonly #settle: Settle
  readonly #errors: unknown[] = []
  readonly #reads: unknown[] = []
  readonly #boxes: unknown[] = []
  readonly #results: unknown[] = []

  constructor(secrets: SecretsClient, events: readonly SecretsEvent[], settle: Settle = settleAtOnce) {
    this.#secrets = secrets
    this.#events = events
    this.#settle = settle
    takeHeard()
  }

  /** Every way to read one reference, one after the other: cold, from memory, boxed, refreshed and watched. */
  async readEveryWay(ref: ReferenceInput, options: ReadOptions = {}): Promise<void> {
    const { fresh: _fresh, default: _default, ttlMs: _ttl, ...watched } = options
    const { parts } = options
    const secrets = this.#secrets
    await this.asGiven([callAsOwn(() => secrets.get(ref, options))])
    await this.reads([callAsOwn(() => secrets.read(ref, options))])
    await this.boxed([secrets.get(ref, { ...options, redacted: true })])
    await this.reads([secrets.read(ref, { ...options, redacted: true, fresh: true })])
    await this.others([secrets.refresh(ref, parts === undefined ? {} : { parts })])
    const watch = secrets.watch(ref, { ...watched, signal: AbortSignal.abort('over') })
    this.#results.push(watch)
    await this.reads([watch.next().then(({ value }) => value)])
    secrets.invalidate(ref)
    await this.others([secrets.prefetch([ref])])
  }

  /** Every way to read several. */
  async loadEveryWay(manifest: Manifest, options: LoadOptions = {}): Promise<void> {
    const secrets = this.#secrets
    await this.asGiven([callAsOwn(() => secrets.load(manifest, options))])
    await this.boxed([secrets.load(manifest, { ...options, redacted: true })])
    await this.others([secrets.prefetch(manifest), secrets.prefetch(manifest, { throwOnFailure: true })])
  }

  /** Every way to read a tree. */
  async treeEveryWay(path: string, options: TreeOptions = {}): Promise<void> {
    const secrets = this.#secrets
    await this.asGiven([
      callAsOwn(() => secrets.tree(path, options)),
      secrets.tree(path, { ...options, flat: true }),
    ])
    await this.boxed([secrets.tree(path, { ...options, redacted: true, fresh: true })])
    await this.loadEveryWay({ flags: { tree: path } })
  }

  /** Values, which say what they are; only what is thrown is looked at. */
  async asGiven(calls: readonly Promise<unknown>[]): Promise<void> {
    await this.#keep(calls, [])
  }

  /** What must show everything but the value. */
  async reads(calls: readonly Promise<unknown>[]): Promise<void> {
    await this.#keep(calls, this.#reads)
  }

  /** What must show nothing. */
  async boxed(calls: readonly Promise<unknown>[]): Promise<void> {
    await this.#keep(calls, this.#boxes)
  }

  /** What is no value. */
  async others(calls: readonly Promise<unknown>[]): Promise<void> {
    await this.#keep(calls, this.#results)
  }

  /** All there is, but for the bytes in the cache: of a value that is alone they are its length, as documented. */
  async end(): Promise<Evidence> {
    // So that whatever is unhandled is told.
    for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    const { bytes: _bytes, ...stats } = this.#secrets.stats()
    return {
      errors: this.#errors,
      reads: this.#reads.filter((read) => read !== undefined),
      boxes: this.#boxes,
      results: this.#results,
      clients: clientsOf(this.#secrets),
      events: [...this.#events],
      stats: [stats],
      heard: takeHeard(),
    }
  }

  async #keep(calls: readonly Promise<unknown>[], answers: unknown[]): Promise<void> {
    for (const outcome of await this.#settle(calls)) {
      if (outcome.status === 'fulfilled') answers.push(outcome.value)
      else this.#errors.push(outcome.reason)
    }
  }
}

/** From frames of the caller's own, which are in the error's stack. */
async function callAsOwn(read: () => Promise<unknown>): Promise<unknown> {
  const callerOfTheLibrary = async () => await read()
  return await callerOfTheLibrary()
}
