import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scrubber } from '../../src/redact/scrubber.js'
import { shapesOf } from './shapes.js'

const MASK = '[redacted]'
const VALUE = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60, unit: 'binary' }),
    fc.string({ minLength: 8, maxLength: 60, unit: 'binary-ascii' }),
    fc.base64String({ minLength: 8, maxLength: 60 }),
    fc
      .array(fc.constantFrom("'", '"', '`', 'x'), { minLength: 8, maxLength: 20 })
      .map((units) => units.join('')),
    fc
      .constantFrom('\\', '"', "'", '`', '%', '+', ' ', '\n', '\u007f')
      .chain((unit) =>
        fc
          .array(fc.constantFrom(unit, '\\', 'x', '"'), { minLength: 8, maxLength: 20 })
          .map((units) => units.join('')),
      ),
  )
  .filter((value) => value.trim() === value && !value.includes('§') && !MASK.includes(value))

/** What of the base64 of a longer text depends on nothing but the value in it. */
function innerBase64(value: string, before: string): string {
  const bits = 8 * Buffer.byteLength(before)
  const end = bits + 8 * Buffer.byteLength(value)
  const whole = Buffer.from(`${before}${value}-after`).toString('base64')
  return whole.slice(Math.ceil(bits / 6), Math.floor(end / 6))
}

test('no form of any value is left in any text', { timeout: 20_000 }, () => {
  const around = fc.array(fc.string({ maxLength: 20 }), { minLength: 40, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(VALUE, { minLength: 1, maxLength: 4 }), around, (values, texts) => {
      const scrubber = new Scrubber()
      scrubber.add(values)
      const shapes = values.flatMap(shapesOf)
      const text = shapes.map((shape, at) => `${texts[at % texts.length] ?? ''}${shape}`).join('')
      const scrubbed = scrubber.scrub(text)
      expect(shapes.filter((shape) => scrubbed.includes(shape))).toEqual([])
      expect(scrubber.scrub(shapes.join(' § '))).toBe(shapes.map(() => MASK).join(' § '))
    }),
    { numRuns: 500 },
  )
})

test('no value is left in the base64 of any text', () => {
  fc.assert(
    fc.property(VALUE, fc.string({ maxLength: 20 }), (value, before) => {
      const scrubber = new Scrubber()
      scrubber.add({ value })
      const inner = innerBase64(value, before)
      const scrubbed = scrubber.scrub(Buffer.from(`${before}${value}-after`).toString('base64'))
      expect(scrubbed).toContain(MASK)
      expect(scrubbed).not.toContain(inner)
    }),
    { numRuns: 500 },
  )
})

test('bytes are left in no text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 100 }), (bytes) => {
      const scrubber = new Scrubber()
      scrubber.add([bytes])
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        const encoded = Buffer.from(bytes).toString(encoding)
        expect(scrubber.scrub(`is ${encoded}!`)).toBe(`is ${MASK}!`)
      }
    }),
  )
})

test('a text without a value is left as it is', () => {
  fc.assert(
    fc.property(
      fc.array(VALUE, { maxLength: 5 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      (values, text) => {
        const scrubber = new Scrubber()
        scrubber.add(values)
        fc.pre(!values.some((value) => text.includes(value)))
        expect(scrubber.scrub(text)).toBe(text)
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever is added and scrubbed, nothing throws', () => {
  fc.assert(
    fc.property(
      fc.anything({ withMap: true, withSet: true, withTypedArray: true, withBigInt: true, withDate: true }),
      fc.string({ unit: 'binary' }),
      (value, text) => {
        const scrubber = new Scrubber()
        scrubber.add(value)
        expect(typeof scrubber.scrub(text)).toBe('string')
      },
    ),
    { numRuns: 500 },
  )
})
