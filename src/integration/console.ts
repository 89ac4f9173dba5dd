/**
 * A console whose output is masked.
 *
 * @module
 */

import { Writable } from 'node:stream'
import { withoutKnownBytes } from './known-bytes.js'
import { type Scrubbing, hasMethod, startScrubbing, typeName } from './scrubbing.js'

/** Where a {@link scrubbedConsole} writes to. */
export interface ConsoleStreams {
  /** @defaultValue `process.stdout` */
  readonly stdout?: NodeJS.WritableStream
  /** @defaultValue `process.stderr` */
  readonly stderr?: NodeJS.WritableStream
}

/** Methods of a console that print what they are given. */
const PRINTING: readonly string[] = [
  ...['log', 'info', 'debug', 'error', 'warn', 'trace', 'dir', 'dirxml', 'table', 'assert', 'timeLog'],
  ...['group', 'groupCollapsed'],
]

/**
 * A console that masks the values of `secrets` in all that it prints. It passes on at once, as the usual console does.
 * From now on the client fingerprints what it hands out.
 *
 * @throws TypeError for anything but a client and two streams.
 *
 * @example
 * ```ts
 * globalThis.console = scrubbedConsole(secrets)
 * ```
 */
export function scrubbedConsole(secrets: Scrubbing, streams: ConsoleStreams = {}): Console {
  startScrubbing(secrets)
  const { Console } = process.getBuiltinModule('node:console')
  const console = new Console({
    stdout: new ScrubbedOutput(secrets, streamOf(streams, 'stdout')),
    stderr: new ScrubbedOutput(secrets, streamOf(streams, 'stderr')),
  })
  for (const name of PRINTING) {
    const print: unknown = Reflect.get(console, name)
    if (typeof print !== 'function') continue
    const printMasked = (...args: unknown[]): void => {
      Reflect.apply(print, console, withoutKnownBytes(secrets, args))
    }
    Reflect.set(console, name, printMasked)
  }
  return console
}

/** Only own properties count, so a polluted prototype has no say. */
function streamOf(streams: ConsoleStreams, name: 'stdout' | 'stderr'): NodeJS.WritableStream {
  if (!isObject(streams)) throw new TypeError(`streams: expected an object, got ${typeName(streams)}`)
  const stream = Object.hasOwn(streams, name) ? streams[name] : undefined
  if (stream === undefined) return process[name]
  if (hasMethod(stream, 'write')) return stream
  throw new TypeError(`streams.${name}: expected a stream to write to, got ${typeName(stream)}`)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
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
