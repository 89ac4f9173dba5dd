/** A value that is split, and put together again. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  MAX_PARTS,
  type Part,
  type ValuePart,
  isOneGeneration,
  joined,
  partOf,
  splitValue,
} from '../../src/decode/parts.js'
import { thrownBy } from '../reference/refused.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const REF = 'prod/ca'
const HEADER_BYTES = 256
const MIN_BYTES = 1024
const bytesOf = (text: string) => Buffer.byteLength(text)
const splitAnything = splitValue as (...given: unknown[]) => readonly ValuePart[]

/** The parts as they are read: the first one first. */
const read = (parts: readonly ValuePart[]): readonly Part[] =>
  parts.toReversed().map(({ text }) => partOf({ text }, REF))
const roundTrip = (value: string | Uint8Array, maxPartBytes?: number) =>
  joined(read(splitValue('n', value, { maxPartBytes })), REF)

/** The number as its position says, from 1. */
function at(parts: readonly Part[], position: number): Part {
  const part = parts[position - 1]
  if (part === undefined) throw new Error('there is no such part')
  return part
}

const character = fc.constantFrom('a', '\n', '"', 'é', '€', '😀', '\0', '\ufeff', '\ufffd', 'e\u0301')
const wellFormed = fc.string({ unit: character, minLength: 0, maxLength: 4000 })

describe('what was split comes back exactly', () => {
  test('any text', () => {
    fc.assert(
      fc.property(wellFormed, fc.integer({ min: MIN_BYTES, max: 2048 }), (text, maxPartBytes) => {
        const parts = splitValue('n', text, { maxPartBytes })
        expect(joined(read(parts), REF)).toStrictEqual({ text })
        expect(Math.max(...parts.map((part) => bytesOf(part.text)))).toBeLessThanOrEqual(maxPartBytes)
      }),
      { numRuns: 200 },
    )
  })

  test('any bytes', () => {
    const size = fc.integer({ min: MIN_BYTES, max: 2048 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), size, (bytes, maxPartBytes) => {
        const parts = splitValue('n', bytes, { maxPartBytes })
        expect(joined(read(parts), REF)).toStrictEqual({ bytes })
        expect(Math.max(...parts.map((part) => bytesOf(part.text)))).toBeLessThanOrEqual(maxPartBytes)
      }),
      { numRuns: 200 },
    )
  })

  test.each(['é', '€', '😀'])('a text whose every cut falls into %s', (wide) => {
    const room = MIN_BYTES - HEADER_BYTES
    for (let shift = 0; shift < 4; shift += 1) {
      const text = 'a'.repeat(shift) + wide.repeat(2 * room)
      const parts = splitValue('n', text, { maxPartBytes: MIN_BYTES })
      for (const part of parts) expect(part.text.isWellFormed()).toBe(true)
      expect(joined(read(parts), REF)).toStrictEqual({ text })
    }
  })

  test.each([
    ['nothing', '', 1],
    ['one byte', 'a', 1],
    ['one line break', '\n', 1],
    ['what just fits', 'a'.repeat(768), 1],
    ['one byte more', 'a'.repeat(769), 2],
    ['what just fits into two', 'a'.repeat(2 * 768), 2],
    ['a byte order mark at a cut', `${'a'.repeat(768)}\ufeffb`, 2],
    ['a wide character across the end', `${'a'.repeat(766)}€`, 2],
    ['what looks like a part', splitValue('n', 'x')[0]?.text ?? '', 1],
    ['as many as may be', 'a'.repeat(MAX_PARTS * 768), MAX_PARTS],
  ])('%s', (_title, text, count) => {
    expect(splitValue('n', text, { maxPartBytes: MIN_BYTES })).toHaveLength(count)
    expect(roundTrip(text, MIN_BYTES)).toStrictEqual({ text })
  })

  test.each([0, 1, 2, 3, 575, 576, 577, 578, 1152, 1153])('%i bytes', (size) => {
    const bytes = new Uint8Array(size).fill(0xff)
    const { bytes: back } = roundTrip(bytes, MIN_BYTES)
    expect(back).toStrictEqual(bytes)
    expect(back?.constructor).toBe(Uint8Array)
  })

  test('a Buffer, and a view of a part of one', () => {
    const buffer = Buffer.from('0123456789')
    expect(roundTrip(buffer)).toStrictEqual({ bytes: Uint8Array.from(buffer) })
    expect(roundTrip(buffer.subarray(2, 5))).toStrictEqual({ bytes: Uint8Array.of(0x32, 0x33, 0x34) })
  })

  test('text stays text and bytes stay bytes', () => {
    expect(roundTrip('YQ==')).toStrictEqual({ text: 'YQ==' })
    expect(roundTrip(Buffer.from('YQ=='))).toStrictEqual({ bytes: Uint8Array.from(Buffer.from('YQ==')) })
  })
})

describe('the parts', () => {
  test('have names of their own and come with the first one last', () => {
    const names = splitValue('prod/ca', 'a'.repeat(2000), { maxPartBytes: MIN_BYTES }).map(({ name }) => name)
    expect(names).toEqual(['prod/ca.part3', 'prod/ca.part2', 'prod/ca'])
    expect(splitValue('/prod/ca', 'a').map(({ name }) => name)).toEqual(['/prod/ca'])
  })

  test('have the size that the service stores, unless told otherwise', () => {
    const parts = splitValue('n', 'a'.repeat(200_000))
    expect(parts).toHaveLength(4)
    for (const { text } of parts) expect(bytesOf(text)).toBeLessThanOrEqual(65_536)
    expect(Math.max(...parts.map(({ text }) => bytesOf(text)))).toBeGreaterThan(65_000)
    expect(splitValue('n', 'a'.repeat(200_000), { maxPartBytes: undefined })).toHaveLength(4)
  })

  test.each([1024, 4096, 8192, 65_536])(
    'are of %i bytes at most, also the longest header',
    (maxPartBytes) => {
      const bytes = new Uint8Array(Math.floor((MAX_PARTS * (maxPartBytes - HEADER_BYTES) * 3) / 4 / 4) * 4)
      const parts = splitValue('n', bytes, { maxPartBytes })
      expect(parts.length).toBeGreaterThanOrEqual(MAX_PARTS - 1)
      for (const { text } of parts) expect(bytesOf(text)).toBeLessThanOrEqual(maxPartBytes)
    },
  )

  test('are of another generation each time', () => {
    const generations = [splitValue('n', 'a'), splitValue('n', 'a')].map((parts) => read(parts)[0]?.header)
    expect(generations[0]?.generation).not.toBe(generations[1]?.generation)
    expect(generations[0]?.sha256).toBe(generations[1]?.sha256)
  })

  test('say which they are', () => {
    const parts = read(splitValue('n', 'a'.repeat(1000), { maxPartBytes: MIN_BYTES }))
    expect(parts.map(({ header }) => [header.part, header.parts, header.encoding])).toEqual([
      [1, 2, 'utf8'],
      [2, 2, 'utf8'],
    ])
    expect(isOneGeneration(parts)).toBe(true)
  })
})

describe('what cannot be split is refused', () => {
  test.each([
    ['a number for a name', [1, 'a'], 'name: expected a string, got number'],
    ['no name', [undefined, 'a'], 'name: expected a string, got undefined'],
    ['no value', ['n'], 'value: expected a string or a Uint8Array, got undefined'],
    ['an object', ['n', {}], 'value: expected a string or a Uint8Array, got object'],
    ['an array', ['n', [1, 2]], 'value: expected a string or a Uint8Array, got object'],
    ['wide elements', ['n', new Uint16Array(2)], 'value: expected a string or a Uint8Array, got object'],
    ['a lone surrogate', ['n', 'a\ud800'], 'value: holds a lone surrogate, which UTF-8 cannot express'],
    ...[0, 1023, 65_537, 2048.5, NaN, Infinity, '2048', null].map(
      (maxPartBytes) =>
        [
          `parts of ${String(maxPartBytes)} bytes`,
          ['n', 'a', { maxPartBytes }],
          'maxPartBytes: expected an integer from 1024 to 65536',
        ] as const,
    ),
    [
      'what needs too many parts',
      ['n', 'a'.repeat(MAX_PARTS * 768 + 1), { maxPartBytes: 1024 }],
      'value: needs 100 parts, and may have 99',
    ],
  ] as const)('%s', (_title, given, message) => {
    expect(thrownBy(() => splitAnything(...given))).toEqual(new TypeError(message))
  })

  test('without a word of the value', () => {
    expectNoNeedle(
      thrownBy(() => splitValue('n', `${NEEDLE}\ud800`)),
      NEEDLE,
    )
    expectNoNeedle(
      thrownBy(() => splitValue('n', NEEDLE.repeat(4000), { maxPartBytes: MIN_BYTES })),
      NEEDLE,
    )
  })
})

describe('what is no part is refused', () => {
  const header = { generation: 'g', part: 1, parts: 1, encoding: 'utf8', sha256: 'x' }
  const lined = (line: string) => `aws-secrets-client/part ${line}\n${NEEDLE}`
  const without = (name: string) =>
    lined(JSON.stringify(Object.fromEntries(Object.entries(header).filter(([key]) => key !== name))))

  test.each<readonly [string, string]>([
    ['plain text', NEEDLE],
    ['nothing', ''],
    ['the mark alone', `aws-secrets-client/part `],
    ['no JSON', lined(`{${NEEDLE}`)],
    ['null', lined('null')],
    ['a list', lined('[]')],
    ['a number', lined('1')],
    ['another mark', `aws-secrets-client/parts ${JSON.stringify(header)}\n`],
    ['text before the mark', ` aws-secrets-client/part ${JSON.stringify(header)}\n`],
    ...Object.keys(header).map((name) => [`no ${name}`, without(name)] as const),
    ...[
      { part: 0 },
      { part: 2 },
      { part: 1.5 },
      { part: '1' },
      { parts: 100 },
      { parts: 1e9 },
      { parts: -1 },
      { parts: null },
      { encoding: 'hex' },
      { encoding: 'latin1' },
      { generation: 1 },
      { sha256: null },
    ].map((changed) => [JSON.stringify(changed), lined(JSON.stringify({ ...header, ...changed }))] as const),
  ])('%s', (_title, text) => {
    const error = thrownBy(() => partOf({ text }, REF))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF, retryable: false })
    expectNoNeedle(error, NEEDLE)
  })

  test('bytes', () => {
    expect(thrownBy(() => partOf({ bytes: Buffer.from(lined(JSON.stringify(header))) }, REF))).toMatchObject({
      code: 'ERR_DECODE',
    })
  })

  test('members that are inherited do not count', () => {
    const line = `{"__proto__":${JSON.stringify(header)}}`
    expect(thrownBy(() => partOf({ text: lined(line) }, REF))).toMatchObject({ code: 'ERR_DECODE' })
  })

  test('a part that lost its line break, and with it its first line', () => {
    const [text = ''] = splitValue('n', '').map((part) => part.text)
    expect(thrownBy(() => partOf({ text: text.trimEnd() }, REF))).toMatchObject({ code: 'ERR_DECODE' })
    const trailing = `${text.trimEnd()}x`
    expect(thrownBy(() => partOf({ text: trailing }, REF))).toMatchObject({ code: 'ERR_DECODE' })
  })
})

describe('parts that do not belong together', () => {
  const parts = read(splitValue('n', 'a'.repeat(1600), { maxPartBytes: MIN_BYTES }))
  const others = read(splitValue('n', 'a'.repeat(1600), { maxPartBytes: MIN_BYTES }))
  const [one, two, three] = [at(parts, 1), at(parts, 2), at(parts, 3)]

  test.each([
    ['one is missing at the end', [one, two]],
    ['one is missing in the middle', [one, three]],
    ['two are swapped', [one, three, two]],
    ['one is there twice', [one, two, two]],
    ['one is too many', [one, two, three, three]],
    ['one is of another generation', [one, at(others, 2), three]],
    ['the first is of another generation', [at(others, 1), two, three]],
  ])('%s', (_title, given) => {
    expect(isOneGeneration(given)).toBe(false)
  })

  test('all of one generation do', () => {
    expect([isOneGeneration(parts), isOneGeneration(others)]).toEqual([true, true])
  })

  test.each([
    ['was edited', { ...two, piece: `${two.piece.slice(1)}b` }],
    ['was cut', { ...two, piece: two.piece.slice(1) }],
    ['got longer', { ...two, piece: `${two.piece}\n` }],
  ])('one that %s is found by its sum', (_title, edited) => {
    const error = thrownBy(() => joined([one, edited, three], REF))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF, retryable: false })
    expect(String(error)).toContain('do not add up')
  })

  test('no parts at all are no value', () => {
    expect(thrownBy(() => joined([], REF))).toMatchObject({ code: 'ERR_DECODE' })
  })
})
