import { AssertionError, deepStrictEqual } from 'node:assert'
import { Console } from 'node:console'
import { PassThrough } from 'node:stream'
import { format, inspect } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Redacted } from '../../src/redact/redacted.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const MASK = '[redacted]'
const box = new Redacted(NEEDLE)
/** The box as code without types gets it. */
const plain = box as unknown as string

test('reveal gives the value itself', () => {
  const value = { password: NEEDLE }
  expect(box.reveal()).toBe(NEEDLE)
  expect(new Redacted(value).reveal()).toBe(value)
  expect(new Redacted(null).reveal()).toBeNull()
})

test.each<[string, () => string]>([
  ['String()', () => String(box)],
  ['toString', () => box.toString()],
  ['a template', () => `is ${plain}`.slice(3)],
  ['concatenation', () => ('is ' + plain).slice(3)],
  ['the primitive of no kind', () => String(box[Symbol.toPrimitive]('default'))],
  ['toLocaleString', () => box.toLocaleString()],
  ['inspect', () => inspect(box)],
  ['inspect with everything', () => inspect(box, { showHidden: true, getters: true, showProxy: true })],
  ['%s', () => format('%s', box)],
  ['%o', () => format('%o', box)],
  ['%O', () => format('%O', box)],
  ['no format', () => format(box)],
])('%s shows only that something is redacted', (_title, show) => {
  expect(show()).toBe(MASK)
})

test('JSON shows it as a text', () => {
  expect(JSON.stringify({ box })).toBe('{"box":"[redacted]"}')
  expect(format('%j', box)).toBe('"[redacted]"')
})

test('as a number it is none, and nothing throws', () => {
  expect(Number(box)).toBeNaN()
  expect(format('%d', box)).toBe('NaN')
  expect(format('%i', box)).toBe('NaN')
  expect(Math.max(Reflect.apply(Number, undefined, [new Redacted(12_345_678)]))).toBeNaN()
})

test('what copies data copies the mask', () => {
  expect(structuredClone(box)).toEqual({ redacted: MASK })
  expect(deserialize(serialize(box))).toEqual({ redacted: MASK })
  expect(Object.fromEntries(Object.entries(box))).toEqual({ redacted: MASK })
  expect(inspect(box, { customInspect: false })).toBe("Redacted { redacted: '[redacted]' }")
})

test('nobody can add to it or change it', () => {
  expect(Object.isFrozen(box)).toBe(true)
  expect(Reflect.set(box, 'redacted', 'x')).toBe(false)
  expect(Object.isFrozen(new Redacted({}).reveal())).toBe(false)
})

describe('nothing gives the value away', () => {
  test('however the box is printed, cloned or serialised', () => {
    expectNoNeedle(box, NEEDLE)
    expectNoNeedle({ nested: [new Map([['key', box]]), new Redacted({ password: NEEDLE })] }, NEEDLE)
  })

  test('in the difference of an assertion', () => {
    const failed = (): unknown => {
      try {
        deepStrictEqual({ box }, { box: 'something' })
      } catch (error) {
        return error
      }
      return undefined
    }
    expect(failed()).toBeInstanceOf(AssertionError)
    expectNoNeedle(failed(), NEEDLE)
  })

  test('in a table', () => {
    const stdout = new PassThrough()
    new Console(stdout).table([{ password: box }, box])
    const shown = String(stdout.read())
    expect(shown).toContain(MASK)
    expectNoNeedle(shown, NEEDLE)
  })

  test('when a method is called on something else', () => {
    const reveal: unknown = Reflect.get(box, 'reveal')
    expect(() => Reflect.apply(reveal as () => string, {}, [])).toThrow(TypeError)
  })
})

test('its type is neither that of the value nor the other way round', () => {
  expectTypeOf(box.reveal()).toEqualTypeOf<string>()
  expectTypeOf<Redacted<string>>().not.toExtend<string>()
  expectTypeOf<string>().not.toExtend<Redacted<string>>()
  expectTypeOf<Redacted<string>>().not.toExtend<Redacted<number>>()
  expectTypeOf<{ reveal(): string }>().not.toExtend<Redacted<string>>()
})
