/**
 * Puts what is asked for in one tick together, in as few batches as the service allows.
 *
 * @module
 */

/** How items are put together. */
export interface BatcherOptions<Item> {
  /** Items of the same group may share a batch; `undefined` for one that must go alone. */
  readonly groupOf: (item: Item) => string | undefined
  /** How many items a batch may have, at least 1; the same for all items of a group. */
  readonly maxBatchOf: (item: Item) => number
  /** Takes a batch of at least one item. Must not throw. */
  readonly send: (items: readonly Item[]) => void
}

/** Collects items until the end of the tick. A lone item is a batch of one, and waits no longer either. */
export class Batcher<Item> {
  readonly #options: BatcherOptions<Item>
  #waiting: Item[] = []

  constructor(options: BatcherOptions<Item>) {
    this.#options = options
  }

  /** Adds an item to the batches of this tick. */
  add(item: Item): void {
    this.#waiting.push(item)
    if (this.#waiting.length > 1) return
    // A tick ends when no microtask is left, so that reads behind an `await` or two still share.
    process.nextTick(() => {
      this.#flush()
    })
  }

  #flush(): void {
    const items = this.#waiting
    this.#waiting = []
    for (const batch of this.#batchesOf(items)) this.#options.send(batch)
  }

  #batchesOf(items: readonly Item[]): readonly (readonly Item[])[] {
    const { groupOf, maxBatchOf } = this.#options
    const batches: Item[][] = []
    const open = new Map<string, Item[]>()
    for (const item of items) {
      const group = groupOf(item)
      const batch = group === undefined ? undefined : open.get(group)
      if (batch !== undefined && batch.length < maxBatchOf(item)) {
        batch.push(item)
        continue
      }
      const started = [item]
      batches.push(started)
      if (group !== undefined) open.set(group, started)
    }
    return batches
  }
}
