/**
 * One app in the outage: reads a secret every few milliseconds and shows it to its database.
 *
 * @module
 */

import { serveOrders } from '../../harness/plain-process.js'
import { PATIENCE_MS, type Plan, READ_EVERY_MS, secretNames } from './plan.js'
import { type Reader, type ReaderName, READERS } from './reader.js'

/** What the parent process asks for. */
export type Order =
  | { readonly kind: 'warm up'; readonly reader: ReaderName; readonly ttlMs: number }
  | { readonly kind: 'play'; readonly plan: Plan }
  /** The database accepts only values of this generation from now on. */
  | { readonly kind: 'rotated'; readonly generation: number }

/** What became of the reads that began in one bin of time. */
export interface Bin {
  reads: number
  /** Rejected, or not answered in time. */
  failed: number
  /** The database refused the value. */
  refused: number
  /** Refused, and so was the value that the reader offered instead. */
  wrong: number
}

/** How one app fared. */
export interface AppReport {
  readonly bins: readonly Bin[]
  /** The longest time after a rotation at which a value was refused, in milliseconds; 0 if none was. */
  readonly refusedUntilMs: number
  readonly slowestServedMs: number
}

/** The app, from its start to its report. */
class App {
  readonly #reader: Reader
  #generation = 1
  #rotatedAt = 0
  #refusedUntilMs = 0
  #slowestServedMs = 0

  constructor(reader: Reader) {
    this.#reader = reader
  }

  async warmUp(): Promise<void> {
    await Promise.all(secretNames().map((name) => this.#reader.read(name)))
  }

  rotated(generation: number): void {
    this.#generation = generation
    this.#rotatedAt = performance.now()
  }

  /** Starts reads by the clock, however long those before take. */
  async play({ endAt, binMs }: Plan): Promise<AppReport> {
    const names = secretNames()
    const bins: Bin[] = Array.from({ length: endAt / binMs }, () => noReads())
    const startedAt = performance.now()
    for (let due = 0; due < endAt; due += READ_EVERY_MS) {
      const restMs = startedAt + due - performance.now()
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
      const name = names[(due / READ_EVERY_MS) % names.length] ?? ''
      void this.#use(name, bins[Math.floor(due / binMs)] ?? noReads())
    }
    // What is still under way then has failed.
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS / 10))
    return { bins, refusedUntilMs: this.#refusedUntilMs, slowestServedMs: this.#slowestServedMs }
  }

  async #use(name: string, bin: Bin): Promise<void> {
    bin.reads += 1
    bin.failed += 1
    const startedAt = performance.now()
    const isServed = await this.#show(name, bin).catch(() => false)
    const tookMs = performance.now() - startedAt
    if (!isServed || tookMs > PATIENCE_MS) return
    bin.failed -= 1
    this.#slowestServedMs = Math.max(this.#slowestServedMs, tookMs)
  }

  /** `false` where the read itself failed; a value that is refused is counted apart. */
  async #show(name: string, bin: Bin): Promise<boolean> {
    const { use, readAnew } = this.#reader
    if (use !== undefined) {
      if (!(await use(name, (value) => this.#accepts(value, bin)))) bin.wrong += 1
      return true
    }
    if (this.#accepts(await this.#reader.read(name), bin)) return true
    if (readAnew === undefined || !this.#accepts(await readAnew(name), bin)) bin.wrong += 1
    return true
  }

  #accepts(value: unknown, bin: Bin): boolean {
    const generation: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'generation') : undefined
    // The newer one may be read before this process hears of the rotation.
    if (typeof generation === 'number' && generation >= this.#generation) return true
    bin.refused += 1
    this.#refusedUntilMs = Math.max(this.#refusedUntilMs, performance.now() - this.#rotatedAt)
    return false
  }
}

function noReads(): Bin {
  return { reads: 0, failed: 0, refused: 0, wrong: 0 }
}

let app: App | undefined

serveOrders(async (order: Order): Promise<AppReport | undefined> => {
  switch (order.kind) {
    case 'warm up':
      app = new App(await READERS[order.reader].start(order.ttlMs))
      await app.warmUp()
      return undefined
    case 'play':
      return app?.play(order.plan)
    case 'rotated':
      app?.rotated(order.generation)
      return undefined
  }
})
