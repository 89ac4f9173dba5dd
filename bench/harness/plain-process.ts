/**
 * Processes that are asked again and again, without the loader that runs TypeScript here: it has a part in every
 * `import()`, and in what a start costs.
 *
 * @module
 */

import { type ChildProcess, fork } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

interface Question<Order> {
  readonly id: number
  readonly order: Order
}

/** `error` is the message of what was thrown. */
interface Answer<Reply> {
  readonly id: number
  readonly reply?: Reply
  readonly error?: string
}

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

/**
 * Makes plain JavaScript of a file that calls {@link serveOrders}, and returns where it is. Packages stay where they are
 * installed.
 */
export async function compiled(entry: URL): Promise<string> {
  const source = fileURLToPath(entry)
  // As far below the root as the files that name `dist` relative to themselves.
  const directory = new URL('../../node_modules/.bench/', import.meta.url)
  const outfile = fileURLToPath(new URL(`${basename(source, '.ts')}.mjs`, directory))
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return outfile
}

/** A process of its own; every order is answered, several at a time if they come so. */
export class PlainProcess<Order, Reply> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting<Reply>>()
  #asked = 0

  /** Starts a file that was {@link compiled}, with variables besides those of this process. */
  constructor(file: string, env: Readonly<Record<string, string>>) {
    this.#child = fork(file, {
      execArgv: [],
      env: { ...process.env, ...env },
      serialization: 'advanced',
    })
    this.#child.on('message', ({ id, reply, error }: Answer<Reply>) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error !== undefined) waiting?.reject(new Error(error))
      // Undefined is a reply like any other, of the type that the other end is written for.
      else waiting?.resolve(reply as Reply)
    })
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${basename(file)} ended with ${code} and no answer`))
      }
    })
  }

  /** Resolves with the answer, or rejects with what was thrown there. */
  ask(order: Order): Promise<Reply> {
    this.#asked += 1
    const question: Question<Order> = { id: this.#asked, order }
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject })
      this.#child.send(question)
    })
  }

  /** Ends it. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

/** In the started file: answers orders until nobody is left to ask. */
export function serveOrders(answer: (order: never) => Promise<unknown>): void {
  process.on('message', ({ id, order }: Question<never>) => {
    const said = (given: Omit<Answer<unknown>, 'id'>) => process.send?.({ id, ...given })
    answer(order).then(
      (reply) => said({ reply }),
      (error: unknown) => said({ error: error instanceof Error ? error.message : 'it failed' }),
    )
  })
  process.on('disconnect', () => {
    process.exit()
  })
}
