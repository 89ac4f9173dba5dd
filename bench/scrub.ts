/**
 * Measures what scrubbing costs, as a ratio to one regular expression with all the forms of the same values:
 * `npx tsx bench/scrub.ts`. Asserts nothing: numbers depend on the machine.
 *
 * @module
 */

import { formsOf } from '../src/redact/forms.js'
import { Scrubber } from '../src/redact/scrubber.js'
import { type Figure, tableOf } from './support/figure.js'
import { seededRandom } from './support/seeded-random.js'
import { median, spread } from './support/statistics.js'

const ROUNDS = 9
const WARM_UP_ROUNDS = 2
const LINES = 2000
const random = seededRandom(1)
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/+=-_'

function word(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(Math.floor(random() * ALPHABET.length))).join('')
}

/** Lines as a JSON logger writes them, a value in every so many. */
function logOf(values: readonly string[], every: number): string {
  const lines = Array.from({ length: LINES }, (_, number) => {
    const value = number % every === 0 ? values[number % values.length] : undefined
    const request = { id: word(24), path: `/users/${number}`, status: 200, token: value ?? word(8) }
    return JSON.stringify({ level: 30, time: 1_700_000_000_000 + number, msg: 'request completed', request })
  })
  return Buffer.from(lines.join('\n')).toString()
}

/** Megabytes per second of `scrub`, in one round. */
function speed(scrub: (text: string) => string, text: string): number {
  const startedAt = performance.now()
  scrub(text)
  return text.length / 1000 / (performance.now() - startedAt)
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
}

function compare(count: number, every: number): readonly Figure[] {
  const values = Array.from({ length: count }, () => word(32))
  const text = logOf(values, every)
  const scrubber = new Scrubber()
  for (const value of values) scrubber.add(value)
  const forms = [...new Set(values.flatMap((value) => [...formsOf(value)]))]
  const pattern = new RegExp(forms.map(escaped).join('|'), 'g')
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const our = speed((whole) => scrubber.scrub(whole), text)
    const their = speed((whole) => whole.replaceAll(pattern, '[redacted]'), text)
    if (round < WARM_UP_ROUNDS) continue
    ours.push(our)
    theirs.push(their)
  }
  const ratios = ours.map((our, round) => our / (theirs[round] ?? NaN))
  const what = `${count} values, one in ${every} lines`
  return [
    { what: `${what}: MB/s`, measured: spread(ours) },
    { what: `${what}: × a regular expression`, measured: spread(ratios, 1) },
  ]
}

function adding(): readonly Figure[] {
  const values = Array.from({ length: 2000 }, () => ({ username: word(12), password: word(32) }))
  const scrubber = new Scrubber()
  const rounds = [0, 1].map(() =>
    values.map((value) => {
      const startedAt = performance.now()
      scrubber.add(value)
      return (performance.now() - startedAt) * 1000
    }),
  )
  const [first = [], again = []] = rounds
  return [
    { what: 'adding username and password, µs', measured: median(first).toFixed(0) },
    { what: 'adding them again, µs', measured: median(again).toFixed(0) },
  ]
}

const figures = [
  ...compare(10, 100),
  ...compare(100, 100),
  ...compare(1000, 100),
  ...compare(100, 1),
  ...adding(),
]
console.log(tableOf('Scrubbing', figures))
