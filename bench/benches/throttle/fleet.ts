/**
 * Processes that read at the same moment.
 *
 * @module
 */

import { compiled, PlainProcess } from '../../harness/plain-process.js'
import type { Order } from './fleet-worker.js'

/** A number of processes, each with names of its own. */
export class Fleet {
  readonly #members: readonly PlainProcess<Order, number>[]

  constructor(members: readonly PlainProcess<Order, number>[]) {
    this.#members = members
  }

  /** Asks all of them, each for its own names; resolves with how many values were served in all. */
  async ask(order: Omit<Order, 'names'>, namesOf: (member: number) => readonly string[]): Promise<number> {
    const served = await Promise.all(
      this.#members.map((member, position) => member.ask({ ...order, names: namesOf(position) })),
    )
    return served.reduce((sum, count) => sum + count, 0)
  }

  /** Ends all of them. */
  close(): void {
    for (const member of this.#members) member.close()
  }
}

/** Starts the processes, with variables besides those of this one. */
export async function startFleet(size: number, env: Readonly<Record<string, string>>): Promise<Fleet> {
  const file = await compiled(new URL('./fleet-worker.ts', import.meta.url))
  return new Fleet(Array.from({ length: size }, () => new PlainProcess<Order, number>(file, env)))
}
