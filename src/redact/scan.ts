/**
 * Finds all that is to be masked in one text, in time that grows with its length only.
 *
 * @module
 */

import { type Candidate, FIRST_MARK, type Fingerprints } from './fingerprints.js'
import { MASK } from './redacted.js'
import { type PartHashes, WINDOW } from './rolling-hash.js'

/** A part of a text, its end excluded. */
interface Span {
  readonly start: number
  readonly end: number
}

/** What was found in a text. */
export interface Found {
  /** What is to be masked, from left to right; spans may touch and do not overlap. */
  readonly spans: readonly Span[]
  /** From where on the text may be the beginning of more to be masked; its length where it cannot. */
  readonly open: number
}

/** Units that are digested for each unit of the text, before hashes alone decide. */
const DIGESTED_PER_UNIT = 4

/** Lengths that are tried one by one; where more texts begin alike, their beginnings are looked at first. */
const FEW_LENGTHS = 8

/** Finds the recognised texts in `text`, of which the first `covered` units are masked already. */
export function scan(fingerprints: Fingerprints, text: string, covered = 0): Found {
  return new Scan(fingerprints, text, covered).run()
}

/** The text with its spans masked, up to `end`. What is `covered` got its mask before. */
export function masked(text: string, spans: readonly Span[], end: number, covered = 0): string {
  let [result, at] = ['', 0]
  for (const span of spans) {
    if (span.start >= end) break
    result += text.slice(at, span.start)
    if (covered === 0 || span.start > 0) result += MASK
    at = span.end
  }
  return at < end ? result + text.slice(at, end) : result
}

class Scan {
  readonly #fingerprints: Fingerprints
  readonly #text: string
  readonly #parts: PartHashes
  readonly #spans: Span[] = []
  /** Whether parts with that hash are recognised, as far as they were digested. */
  readonly #verified = new Map<number, boolean>()
  #undigested: number
  #open: number

  constructor(fingerprints: Fingerprints, text: string, covered: number) {
    this.#fingerprints = fingerprints
    this.#text = text
    this.#parts = fingerprints.partsOf(text)
    this.#open = text.length
    this.#undigested = DIGESTED_PER_UNIT * text.length
    if (covered > 0) this.#spans.push({ start: 0, end: covered })
  }

  run(): Found {
    this.#fingerprints.eachCandidate(this.#text, (candidate) => {
      this.#look(candidate)
    })
    const { length } = this.#text
    for (let start = Math.max(0, length - WINDOW + 1); start < this.#open; start += 1) {
      if (this.#fingerprints.mayBegin(this.#text, start)) this.#open = start
    }
    return { spans: this.#spans, open: this.#open }
  }

  #look({ start, powers }: Candidate): void {
    const rest = this.#text.length - start
    if (start < this.#open && (powers[0]?.length ?? 0) > rest && this.#mayGoOn(start)) this.#open = start
    const covered = this.#spans.at(-1)?.end ?? 0
    const most = powers.length > FEW_LENGTHS ? this.#longest(start) : rest
    for (const power of powers) {
      const end = start + power.length
      if (power.length > most) continue
      if (end <= covered) return
      if (!this.#isRecognised(start, end, this.#parts.of(start, power))) continue
      this.#cover(start, end)
      return
    }
  }

  #isRecognised(start: number, end: number, hash: number): boolean {
    const verified = this.#verified.get(hash)
    if (verified !== undefined) return verified
    if (!this.#fingerprints.hasHash(hash)) return false
    // A hash of 52 bits hardly errs; where digests would take too long it is better to mask too much.
    const isDigested = end - start <= this.#undigested
    if (isDigested) this.#undigested -= end - start
    const isRecognised = !isDigested || this.#fingerprints.has(this.#text.slice(start, end))
    this.#verified.set(hash, isRecognised)
    return isRecognised
  }

  #cover(start: number, end: number): void {
    const last = this.#spans.at(-1)
    if (last === undefined || start >= last.end) this.#spans.push({ start, end })
    else this.#spans[this.#spans.length - 1] = { start: last.start, end }
  }

  /** The length up to which a recognised text may begin at `start`, by the marks that agree. */
  #longest(start: number): number {
    const rest = this.#text.length - start
    for (let length = FIRST_MARK; length < rest; length *= 2) {
      if (!this.#agrees(start, length)) return length
    }
    return rest
  }

  /** Whether the text from `start` to its end agrees with the beginning of a longer one, where there are marks. */
  #mayGoOn(start: number): boolean {
    const rest = this.#text.length - start
    const line = this.#text.lastIndexOf('\n') + 1 - start
    return this.#agrees(start, lastMark(rest)) && this.#agrees(start, line)
  }

  #agrees(start: number, length: number): boolean {
    if (length <= WINDOW) return true
    return this.#fingerprints.hasMark(this.#parts.of(start, this.#fingerprints.powerOf(length)))
  }
}

/** The largest power of two, from 16 on, that is not above `length`; 0 where there is none. */
function lastMark(length: number): number {
  return length < FIRST_MARK ? 0 : 2 ** Math.floor(Math.log2(length))
}
