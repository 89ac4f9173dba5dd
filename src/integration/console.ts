/**
 * A console whose output is masked.
 *
 * @module
 */

import { Console } from 'node:console'
import { Writable } from 'node:stream'
import type { Scrubbing } from './scrubbing.js'

/** Where a {@link scrubbedConsole} writes to. */
export interface ConsoleStreams {
  /** @defaultValue `process.stdout` */
  readonly stdout?: NodeJS.WritableStream
  /** @defaultValue `process.stderr` */
  readonly stderr?: NodeJS.WritableStream
}

/**
 * A console that masks the values of `secrets` in all that it prints. It passes on at once, as the usual console does.
 *
 * @example
 * ```ts
 * globalThis.console = scrubbedConsole(secrets)
 * ```
 */
export function scrubbedConsole(secrets: Scrubbing, streams: ConsoleStreams = {}): Console {
  const { stdout = process.stdout, stderr = process.stderr } = streams
  return new Console({
    stdout: new ScrubbedOutput(secrets, stdout),
    stderr: new ScrubbedOutput(secrets, stderr),
  })
}

/** Writes to another stream, of which it knows whether it is a terminal. */
class ScrubbedOutput extends Writable {
  readonly #secrets: Scrubbing
  readonly #target: NodeJS.WritableStream

  constructor(secrets: Scrubbing, target: NodeJS.WritableStream) {
    super({ decodeStrings: false })
    this.#secrets = secrets
    this.#target = target
  }

  /** Whether the other stream is a terminal. */
  get isTTY(): boolean {
    return Reflect.get(this.#target, 'isTTY') === true
  }

  /** Bits for the colours of the terminal; 1 where it is none. */
  getColorDepth(): number {
    const depth: unknown = Reflect.get(this.#target, 'getColorDepth')
    return typeof depth === 'function' ? Number(Reflect.apply(depth, this.#target, [])) : 1
  }

  /** @internal */
  override _write(chunk: string | Uint8Array, _encoding: BufferEncoding, callback: () => void): void {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    this.#target.write(this.#secrets.scrub(text), (error) => {
      this.#ignore(error)
    })
    callback()
  }

  /** As the console of Node.js does: a closed pipe must not end the process, unless somebody listens for it. */
  #ignore(error: Error | null | undefined): void {
    if (error instanceof Error && this.#target.listenerCount('error') === 0) {
      this.#target.once('error', () => undefined)
    }
  }
}
