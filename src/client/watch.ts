/**
 * Follows the versions of one value.
 *
 * @module
 */

import type { SharedSignals } from '../abortable.js'
import type { Clock } from '../clock.js'
import { type SecretsErrorCode, isSecretsError } from '../errors.js'
import type { Version } from './item.js'

/** A version that was found. */
interface Sighting<Result> {
  /** Whether it is another version than the one that was seen last. */
  readonly isNew: boolean
  /** Decodes it. */
  readonly read: () => Promise<Result>
}

/** How a value is watched. */
export interface Watching<Result> {
  readonly clock: Clock
  /** Looks at the current version. */
  readonly look: () => Promise<Sighting<Result>>
  /** Milliseconds from one look to the next; `undefined` where nothing but a wake-up makes it look. */
  readonly intervalMs: () => number | undefined
  /** Ends the watch. */
  readonly signal: AbortSignal | undefined
  /** Listens to it. */
  readonly signals: SharedSignals
  /** Rings when a value was loaded, by whomever, and when the client is closed. */
  readonly bell: Bell
  /** Whether what was loaded is another version of what is watched than the one that was seen last. */
  readonly isNews: (loaded: LoadedVersion) => boolean
}

/** A version that was loaded under a key. */
export interface LoadedVersion {
  readonly key: string
  readonly version: Version
}

/** Tells that a version was loaded, or that all is over. */
export class Bell {
  readonly #listeners = new Set<(loaded: LoadedVersion | undefined) => void>()

  /** Calls everybody who listens; without a version all is over. */
  ring(loaded?: LoadedVersion): void {
    for (const listener of this.#listeners) listener(loaded)
    if (loaded === undefined) this.#listeners.clear()
  }

  /** Listens until the function that is returned is called. */
  listen(listener: (loaded: LoadedVersion | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** They end a watch: waiting cures none of them. */
const FATAL: ReadonlySet<SecretsErrorCode> = new Set(['ERR_REFERENCE_INVALID', 'ERR_MISSING_PEER'])

/**
 * Yields the version at hand, then each new one; whoever is slow gets the newest. Survives failures, and ends with
 * its signal or with the client.
 */
export async function* watch<Result>(begin: () => Watching<Result>): AsyncGenerator<Result, void, undefined> {
  const watching = begin()
  const { signal, signals, bell, look, isNews } = watching
  const rest = new Rest(watching)
  const deafen = bell.listen((loaded) => {
    if (loaded === undefined) unlisten?.()
    // The version seen last is no news: where nothing is cached each look loads it, and would wake itself.
    if (loaded === undefined || isNews(loaded)) rest.end()
  })
  const unlisten =
    signal &&
    signals.listen(signal, () => {
      // At once: whoever has stopped asking for more never comes back to end it.
      deafen()
      rest.end()
    })
  try {
    while (signal?.aborted !== true) {
      rest.begin()
      const found = await survived(look)
      if (found === 'closed') return
      let result = found?.isNew === true ? await survived(found.read) : undefined
      if (result === 'closed' || isAborted(signal)) return
      if (result !== undefined) yield result
      // A generator that waits keeps its variables: the value would stay in memory until the next one.
      result = undefined
      await rest.over()
    }
  } finally {
    unlisten?.()
    deafen()
    rest.end()
  }
}

/** The outcome, `undefined` where there is none for now. */
async function survived<T>(work: () => Promise<T>): Promise<T | 'closed' | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isSecretsError(error, 'ERR_CLOSED')) return 'closed'
    if (isSecretsError(error) && FATAL.has(error.code)) throw error
    return undefined
  }
}

/** Read by a function, since TypeScript does not expect a signal to change between two looks at it. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** The pause between two looks. */
class Rest {
  readonly #watching: Watching<unknown>
  #controller = new AbortController()

  constructor(watching: Watching<unknown>) {
    this.#watching = watching
  }

  /** From now on a wake-up counts, even if it comes before the pause. */
  begin(): void {
    this.#controller = new AbortController()
  }

  /** Ends the pause. */
  end(): void {
    this.#controller.abort(null)
  }

  /** Resolves when it is time to look again. Keeps nothing alive. */
  async over(): Promise<void> {
    const { clock, intervalMs } = this.#watching
    const { signal } = this.#controller
    const ms = intervalMs()
    if (signal.aborted) return
    const woken = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve()
      })
    })
    // A clock that fails must not make this spin: without it only a wake-up counts.
    const sleep = async (forMs: number) => clock.sleep(forMs, { signal, ref: false })
    const slept = ms === undefined ? woken : sleep(ms).catch(() => woken)
    await Promise.race([slept, woken])
    this.#controller.abort(null)
  }
}
