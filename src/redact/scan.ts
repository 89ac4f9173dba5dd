/**
 * Finds all that is to be masked in one text, in time that grows with its length only.
 *
 * @module
 */

import { type Candidate, FIRST_MARK, type Fingerprints } from './fingerprints.js'
import { MASK } from './redacted.js'
import { type PartHashes, type Power, WINDOW } from './rolling-hash.js'

/** A part of a text, its end excluded. */
interface Span {
  readonly start: number
  readonly end: number
}

/** What was found in a text of which the rest is still to come. */
export interface Found {
  /** What begins before `open` and is to be masked. */
  readonly spans: readonly Span[]
  /** From where on the text may be the beginning of more to be masked; its length where it cannot. */
  readonly open: number
}

/** Units that are digested for each unit of the text, before hashes alone decide. */
const DIGESTED_PER_UNIT = 4

/** Lengths that are tried one by one; where more texts begin alike, their beginnings are looked at first. */
const FEW_LENGTHS = 8

/** A text of which the rest is still to come. */
export interface Unfinished {
  readonly text: string
  /** Units of it that are masked already. */
  readonly covered: number
  /** Hashes of its parts, which are kept while the text grows. */
  readonly parts: PartHashes
}

/** Finds the recognised texts in `text`, from left to right; spans may touch and do not overlap. */
export function scan(fingerprints: Fingerprints, text: string, covered = 0): readonly Span[] {
  return new Scan(fingerprints, { text, covered, parts: fingerprints.partsOf(text) }).toTheEnd()
}

/** Finds the recognised texts as far as what is to come cannot make them longer. */
export function scanUnfinished(fingerprints: Fingerprints, unfinished: Unfinished): Found {
  return new Scan(fingerprints, unfinished).untilOpen()
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
  /** What hashes of the lengths of marks need. */
  readonly #powers = new Map<number, Power>()
  /** Where the last line begins, once it was looked for. */
  #lastLine: number | undefined
  #undigested: number

  constructor(fingerprints: Fingerprints, { text, covered, parts }: Unfinished) {
    this.#fingerprints = fingerprints
    this.#text = text
    this.#parts = parts
    this.#undigested = DIGESTED_PER_UNIT * text.length
    if (covered > 0) this.#spans.push({ start: 0, end: covered })
  }

  toTheEnd(): readonly Span[] {
    this.#fingerprints.eachCandidate(this.#text, (candidate) => {
      this.#look(candidate)
      return true
    })
    return this.#spans
  }

  untilOpen(): Found {
    // What comes after is not looked at before it is known how this goes on: time grows with the text only.
    const open = this.#fingerprints.eachCandidate(this.#text, (candidate) => {
      if (this.#mayGoOn(candidate)) return false
      this.#look(candidate)
      return true
    })
    return { spans: this.#spans, open: open ?? this.#firstPrefix() }
  }

  /** Where the last units may begin a recognised text. */
  #firstPrefix(): number {
    const { length } = this.#text
    let start = Math.max(0, length - WINDOW + 1)
    while (start < length && !this.#fingerprints.mayBegin(this.#text, start)) start += 1
    return start
  }

  #look({ start, powers }: Candidate): void {
    const covered = this.#spans.at(-1)?.end ?? 0
    if (covered >= this.#text.length) return
    const rest = this.#text.length - start
    const [longest] = powers
    if (longest === undefined || this.#tryAt(start, longest, covered)) return
    const most = powers.length > FEW_LENGTHS ? this.#longest(start) : rest
    for (const power of powers) {
      if (power.length > most || power === longest) continue
      if (start + power.length <= covered || this.#tryAt(start, power, covered)) return
    }
  }

  /** Covers the part with that length if it is recognised. */
  #tryAt(start: number, power: Power, covered: number): boolean {
    const end = start + power.length
    if (end <= covered || end > this.#text.length) return false
    if (!this.#isRecognised(start, end, this.#parts.of(start, power))) return false
    this.#cover(start, end)
    return true
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

  /** Whether the text from a candidate to its end agrees with the beginning of a longer one, where there are marks. */
  #mayGoOn({ start, powers }: Candidate): boolean {
    const rest = this.#text.length - start
    if ((powers[0]?.length ?? 0) <= rest) return false
    this.#lastLine ??= this.#text.lastIndexOf('\n') + 1
    return this.#agrees(start, lastMark(rest)) && this.#agrees(start, this.#lastLine - start)
  }

  #agrees(start: number, length: number): boolean {
    if (length <= WINDOW) return true
    return this.#fingerprints.hasMark(this.#parts.of(start, this.#powerOf(length)))
  }

  #powerOf(length: number): Power {
    const known = this.#powers.get(length)
    if (known !== undefined) return known
    const power = this.#fingerprints.powerOf(length)
    this.#powers.set(length, power)
    return power
  }
}

/** The largest power of two, from 16 on, that is not above `length`; 0 where there is none. */
function lastMark(length: number): number {
  return length < FIRST_MARK ? 0 : 2 ** Math.floor(Math.log2(length))
}
