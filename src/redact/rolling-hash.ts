/**
 * Hashes of parts of a text that cost the same whatever the length of the part. They find candidates quickly and
 * are no protection: keys and hashes are in the same memory.
 *
 * @module
 */

import { randomInt } from 'node:crypto'

/** UTF-16 units of the window that slides over a text. */
export const WINDOW = 8

/** The largest primes below 2^26: products of two residues stay exact in a double. */
const [FIRST_PRIME, SECOND_PRIME] = [67_108_859, 67_108_837]
const RESIDUES = 2 ** 26

/** The keys of the hashes, drawn by chance. */
export interface HashKeys {
  /** An odd 32-bit number. */
  readonly window: number
  readonly first: number
  readonly second: number
}

/** A length with what its hashes need. */
export interface Power {
  readonly length: number
  readonly first: number
  readonly second: number
}

/** Draws keys. */
export function drawHashKeys(): HashKeys {
  return {
    window: randomInt(2 ** 31) * 2 + 1,
    first: randomInt(RESIDUES / 2, SECOND_PRIME),
    second: randomInt(RESIDUES / 2, SECOND_PRIME),
  }
}

/** The hash of the first window of `text`, 32 bits. */
export function firstWindowHash(text: string, { window }: HashKeys): number {
  let hash = 0
  for (let at = 0; at < WINDOW; at += 1) hash = Math.imul(hash + text.charCodeAt(at), window)
  return hash
}

/** What a unit has contributed to a window when it leaves it. */
export function leavingFactor({ window }: HashKeys): number {
  let factor = 1
  for (let at = 0; at < WINDOW; at += 1) factor = Math.imul(factor, window)
  return factor
}

/** What the hashes of parts of this length need. */
export function powerOf(length: number, keys: HashKeys): Power {
  return {
    length,
    first: powerModulo(keys.first, length, FIRST_PRIME),
    second: powerModulo(keys.second, length, SECOND_PRIME),
  }
}

/** Hashes the parts of one text, of 52 bits. Parts are asked for from left to right. */
export class PartHashes {
  readonly #keys: HashKeys
  #text: string
  /** Below 0 where the text was longer before. */
  #from = 0
  /** Hashes of the text from `#from` on, by length. */
  #first = [0]
  #second = [0]

  constructor(text: string, keys: HashKeys) {
    this.#text = text
    this.#keys = keys
  }

  /** The hash of the part from `start` on with the length of `power`; it ends within the text. */
  of(start: number, { length, first, second }: Power): number {
    if (start > this.#from + this.#first.length) this.#restart(start)
    this.#extend(start + length)
    const [low, high] = [start - this.#from, start - this.#from + length]
    const one = difference(this.#first[high] ?? 0, (this.#first[low] ?? 0) * first, FIRST_PRIME)
    const two = difference(this.#second[high] ?? 0, (this.#second[low] ?? 0) * second, SECOND_PRIME)
    return one * RESIDUES + two
  }

  /** The text went on. */
  replaceText(text: string): void {
    this.#text = text
  }

  /** The first units are not needed any more; `rest` is the text without them. */
  dropFirst(units: number, rest: string): void {
    this.#text = rest
    this.#from -= units
    const [dropped, length] = [-this.#from, this.#first.length]
    if (dropped >= length) this.#restart(0)
    else if (dropped > length / 2) {
      this.#first = this.#first.slice(dropped)
      this.#second = this.#second.slice(dropped)
      this.#from = 0
    }
  }

  #restart(start: number): void {
    this.#from = start
    this.#first = [0]
    this.#second = [0]
  }

  #extend(end: number): void {
    const [text, { first, second }] = [this.#text, this.#keys]
    let one = this.#first.at(-1) ?? 0
    let two = this.#second.at(-1) ?? 0
    for (let at = this.#from + this.#first.length - 1; at < end; at += 1) {
      const unit = text.charCodeAt(at) + 1
      one = modulo(one * first + unit, FIRST_PRIME)
      two = modulo(two * second + unit, SECOND_PRIME)
      this.#first.push(one)
      this.#second.push(two)
    }
  }
}

/** The remainder, exact below 2^52; several times faster than `%` of doubles. */
function modulo(product: number, prime: number): number {
  return product - Math.floor(product / prime) * prime
}

function difference(minuend: number, subtrahend: number, prime: number): number {
  const rest = minuend - modulo(subtrahend, prime)
  return rest < 0 ? rest + prime : rest
}

function powerModulo(base: number, exponent: number, prime: number): number {
  let [result, square] = [1, base]
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = modulo(result * square, prime)
    square = modulo(square * square, prime)
  }
  return result
}
