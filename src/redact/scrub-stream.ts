/**
 * Masks values in a stream, however it is cut into chunks.
 *
 * @module
 */

import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Fingerprints } from './fingerprints.js'
import type { PartHashes } from './rolling-hash.js'
import { masked, scan, scanUnfinished } from './scan.js'

/**
 * A stream of UTF-8 in which values are masked. Only what may be the beginning of a value waits for the next chunk.
 */
export function createScrubStream(fingerprints: Fingerprints): Transform {
  const decoder = new StringDecoder('utf8')
  const held = new HeldText(fingerprints)
  return new Transform({
    decodeStrings: false,
    transform(chunk: string | Buffer, encoding, callback) {
      const bytes = typeof chunk === 'string' && !isUtf8(encoding) ? Buffer.from(chunk, encoding) : chunk
      callback(null, held.push(typeof bytes === 'string' ? decoder.end() + bytes : decoder.write(bytes)))
    },
    flush(callback) {
      callback(null, held.push(decoder.end()) + held.end())
    },
  })
}

/** The end of what came so far, from where on a value may go on. */
class HeldText {
  readonly #fingerprints: Fingerprints
  readonly #parts: PartHashes
  #text = ''
  /** Units of it that are part of a value whose mask was passed on. */
  #covered = 0

  constructor(fingerprints: Fingerprints) {
    this.#fingerprints = fingerprints
    this.#parts = fingerprints.partsOf('')
  }

  /** Takes in more text, and returns what can be passed on. */
  push(more: string): string {
    if (more === '') return ''
    const [text, covered, parts] = [this.#text + more, this.#covered, this.#parts]
    parts.replaceText(text)
    const { spans, open } = scanUnfinished(this.#fingerprints, { text, covered, parts })
    const end = beforePair(text, open)
    const passed = masked(text, spans, end, covered)
    const last = spans.findLast(({ start }) => start < end || (start === 0 && covered > 0))
    this.#covered = Math.max(0, (last?.end ?? 0) - end)
    this.#text = text.slice(end)
    parts.dropFirst(end, this.#text)
    return passed
  }

  /** Returns the rest, of which no more will come. */
  end(): string {
    const spans = scan(this.#fingerprints, this.#text, this.#covered)
    return masked(this.#text, spans, this.#text.length, this.#covered)
  }
}

/** The end of what can be passed on without parting a surrogate pair. */
function beforePair(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}

function isUtf8(encoding: BufferEncoding): boolean {
  return encoding === 'utf8' || encoding === 'utf-8'
}
