import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Redacted } from '../../src/redact/redacted.js'
import { Scrubber } from '../../src/redact/scrubber.js'
import { NEEDLE, expectNoNeedle, formsOf } from '../support/needle.js'
import { shapesOf } from './shapes.js'

const MASK = '[redacted]'

/** A scrubber that knows these values. */
function scrubberOf(...values: readonly unknown[]): Scrubber {
  const scrubber = new Scrubber()
  for (const value of values) scrubber.add(value)
  return scrubber
}

const PEM = [
  '-----BEGIN PRIVATE KEY-----',
  'MC4CAQAwBQYDK2VwBCIEIGxlbiBvZiB0aGUgc2VlZCB0aGF0IGlzIG5vdCBhIHNl',
  'Y3JldCBhdA==',
  '-----END PRIVATE KEY-----',
  '',
].join('\n')

describe('a text that was handed out', () => {
  test.each(shapesOf(NEEDLE).map((shape) => [shape]))('is masked as %s', (shape) => {
    expect(scrubberOf(NEEDLE).scrub(`before ${shape}, after`)).toBe(`before ${MASK}, after`)
  })

  test.each(['', 'a', 'ab', 'user', 'someone'])('is masked in the base64 of a header for %j', (user) => {
    const header = Buffer.from(`${user}:${NEEDLE}`).toString('base64')
    const scrubbed = scrubberOf(NEEDLE).scrub(`Basic ${header}`)
    expect(scrubbed).toContain(MASK)
    expect(scrubbed.length).toBeLessThan(`Basic ${MASK}`.length + Math.ceil((user.length + 1) / 3) * 4 + 4)
    expectNoNeedle(scrubbed, NEEDLE)
  })

  test('is masked every time, also where two of them touch, overlap or lie in each other', () => {
    const scrubber = scrubberOf('abcdefghij', 'fghijklmno', 'cdefghijk', 'hunter2-hunter2')
    expect(scrubber.scrub('abcdefghijabcdefghij')).toBe(MASK + MASK)
    expect(scrubber.scrub('-abcdefghijklmno-')).toBe(`-${MASK}-`)
    expect(scrubber.scrub('-bcdefghijkl-')).toBe(`-b${MASK}l-`)
    expect(scrubber.scrub('hunter2-hunter2-hunter2')).toBe(MASK)
  })

  test('is masked as the longest that it can be', () => {
    expect(scrubberOf('password', 'password-1', 'password-1-longer').scrub('password-1-long')).toBe(
      `${MASK}-long`,
    )
  })

  test('is masked without the white space around it, which is not swallowed', () => {
    const scrubber = scrubberOf(`  ${NEEDLE}\n`, 'abcdefg\n')
    expect(scrubber.scrub(`is ${NEEDLE}\n`)).toBe(`is ${MASK}\n`)
    expect(scrubber.scrub(Buffer.from(`  ${NEEDLE}\n`).toString('base64'))).toBe(MASK)
    expect(scrubber.scrub('is abcdefg, or abcdefg\n')).toBe(`is abcdefg, or ${MASK}`)
  })

  test('is masked as JSON text, as the leaves inside it, and as the leaves inside those', () => {
    const inner = JSON.stringify({ token: 'inner-token-1234' })
    const scrubber = scrubberOf(` ${JSON.stringify({ password: NEEDLE, inner })}`)
    expect(scrubber.scrub(JSON.stringify({ password: NEEDLE, inner }))).toBe(MASK)
    expect(scrubber.scrub(`${NEEDLE} inner-token-1234`)).toBe(`${MASK} ${MASK}`)
    expect(scrubber.scrub('{"token":"other"}')).toBe('{"token":"other"}')
  })

  test('is masked as a text where it only looks like JSON', () => {
    expect(scrubberOf('{"password": hunter2').scrub('is {"password": hunter2!')).toBe(`is ${MASK}!`)
  })

  test('with lone surrogates is masked', () => {
    const value = 'lone \ud800 surrogate'
    expect(scrubberOf(value).scrub(`is ${value}, ${JSON.stringify(value)}`)).toBe(`is ${MASK}, "${MASK}"`)
  })

  test.each(['Ab\'cd"ef`gh12345', "a'b'c'd'e", '\'"`${12345}'])(
    'with quotes, %j, is masked as inspect quotes it',
    (value) => {
      expect(scrubberOf(value).scrub(inspect({ value }))).toMatch(/^\{ value: (['"`])\[redacted\]\1 \}$/)
    },
  )

  test('that inspect cuts short is masked as far as it is shown', () => {
    const value = NEEDLE.repeat(400)
    const shown = inspect({ value })
    expect(shown).toContain('more characters')
    expectNoNeedle(scrubberOf(value).scrub(shown), NEEDLE)
  })

  test.each([2 ** 17, 2 ** 17 + 1])('of %d units is masked', (length) => {
    const value = NEEDLE.repeat(Math.ceil(length / NEEDLE.length)).slice(0, length)
    expect(scrubberOf(value).scrub(`is ${value}!`).slice(0, 100)).toBe(`is ${MASK}!`)
  })
})

describe('a text of several lines', () => {
  test('is masked line by line, but for the borders of a PEM', () => {
    const lines = PEM.trim().split('\n')
    const scrubber = scrubberOf(PEM)
    expect(scrubber.scrub(PEM)).toBe(`${MASK}\n`)
    expect(lines.map((line) => scrubber.scrub(`  ${line}`))).toEqual([
      `  ${lines.at(0) ?? ''}`,
      `  ${MASK}`,
      `  ${MASK}`,
      `  ${lines.at(-1) ?? ''}`,
    ])
    expect(scrubber.scrub(inspect({ PEM }))).not.toMatch(/MC4CAQ|Y3Jl/)
  })

  test('that is no PEM is masked by those of 16 units and more', () => {
    const scrubber = scrubberOf('first line, a long one\r\nshort line\r\n')
    expect(scrubber.scrub('> first line, a long one\n> short line')).toBe(`> ${MASK}\n> short line`)
  })

  test('that is JSON is masked by its leaves, not by lines such as that of the engine', () => {
    const scrubber = scrubberOf(JSON.stringify({ engine: 'postgres', password: NEEDLE }, null, 2))
    const text = '"engine": "postgres", "password": '
    expect(scrubber.scrub(text + JSON.stringify(NEEDLE))).toBe(`${text}"${MASK}"`)
  })
})

describe('bytes', () => {
  const bytes = Uint8Array.from({ length: 60 }, (_, position) => (position * 37 + 200) % 256)

  test('are masked in hexadecimal, base64, and as they are printed', () => {
    const scrubber = scrubberOf({ key: bytes })
    const buffer = Buffer.from(bytes)
    for (const shape of [
      buffer.toString('hex'),
      buffer.toString('hex').toUpperCase(),
      buffer.toString('base64'),
      buffer.toString('base64url'),
    ]) {
      expect(scrubber.scrub(`key ${shape}.`)).toBe(`key ${MASK}.`)
    }
    expect(scrubber.scrub(inspect(buffer))).toBe(`<Buffer ${MASK} ... 10 more bytes>`)
    expect(scrubber.scrub(JSON.stringify(buffer))).toBe(`{"type":"Buffer","data":[${MASK}]}`)
  })

  test.each([8, 23, 60, 100, 138])('of %d are masked as numbers, in rows and in JSON', (length) => {
    const value = Uint8Array.from({ length }, (_, position) => (position * 37 + 200) % 256)
    const scrubber = scrubberOf(value)
    const numbers = (text: string) => text.match(/\b\d+,/g)
    for (const printed of [
      value,
      [...value.subarray(0, 100)],
      { nested: { value } },
      new Map([['key', value]]),
    ]) {
      expect(numbers(inspect(printed, { depth: 9 }))).not.toBeNull()
      expect(numbers(scrubber.scrub(inspect(printed, { depth: 9 })))).toBeNull()
    }
    expect(scrubber.scrub(JSON.stringify({ value, next: 1 }))).toBe(`{"value":${MASK},"next":1}`)
    expect(scrubber.scrub(JSON.stringify(JSON.stringify({ value })))).toBe(`"{\\"value\\":${MASK}}"`)
  })

  test('above 4 KiB are no more masked as JSON has them, and rows of zeros never', () => {
    const many = Uint8Array.from({ length: 4097 }, (_, position) => (position * 37 + 200) % 256)
    const scrubber = scrubberOf(many, many.subarray(1), new Uint8Array(100))
    expect(scrubber.scrub(JSON.stringify(many))).toBe(JSON.stringify(many))
    expect(scrubber.scrub(JSON.stringify(many.subarray(1)))).toBe(MASK)
    expect(scrubber.scrub(inspect(new Uint8Array(40)))).toBe(inspect(new Uint8Array(40)))
  })

  test('are masked as text where they are one', () => {
    expect(scrubberOf(new TextEncoder().encode(NEEDLE)).scrub(`is ${NEEDLE}`)).toBe(`is ${MASK}`)
    expect(scrubberOf(Buffer.from(`{"password":"${NEEDLE}"}`)).scrub(`is ${NEEDLE}`)).toBe(`is ${MASK}`)
  })

  test('that are few, or more than any service stores, are not', () => {
    expect(scrubberOf(bytes.subarray(0, 7)).scrub('c8ed12375c81a6')).toBe('c8ed12375c81a6')
    const many = Buffer.alloc(2 ** 17 + 1, 'a')
    const scrubber = scrubberOf(many)
    expect(scrubber.scrub(many.toString('latin1', 0, 20))).toBe('a'.repeat(20))
  })
})

describe('of a decoded value', () => {
  test('every text, long number and byte array is masked', () => {
    const cyclic: Record<string, unknown> = { text: 'in-an-object' }
    cyclic['self'] = cyclic
    const bare: unknown = Object.assign(Object.create(null) as object, { text: 'in-a-bare-object' })
    const scrubber = scrubberOf([
      cyclic,
      bare,
      new Map<unknown, unknown>([['key-of-a-map', ['in-a-map-1', 12_345_678]]]),
      new Set(['in-a-set-1', 12_345_678_901n]),
      { list: [{ deep: [['in-an-array']] }], 'name-of-a-property': -0.123_456_78, short: 1_234_567 },
    ])
    const secret =
      'in-an-object in-a-bare-object in-a-map-1 12345678 in-a-set-1 12345678901 in-an-array -0.12345678'
    expect(scrubber.scrub(secret)).toBe(secret.replaceAll(/\S+/g, MASK))
    const open = 'key-of-a-map name-of-a-property 1234567'
    expect(scrubber.scrub(open)).toBe(open)
  })

  test('the name of a database engine is no secret, wherever it stands', () => {
    const scrubber = scrubberOf(
      { username: 'postgres', password: NEEDLE },
      new Map([['engine', 'sqlserver']]),
    )
    expect(scrubber.scrub(`postgres and sqlserver with ${NEEDLE}`)).toBe(
      `postgres and sqlserver with ${MASK}`,
    )
  })

  test('no code of others is run, and what is no data is passed over', () => {
    class Custom {
      text = 'in-a-class-instance'
      get boom(): string {
        throw new Error('called')
      }
    }
    const called: string[] = []
    const getter = {
      get text() {
        called.push('getter')
        return NEEDLE
      },
    }
    const refuse = (): never => {
      called.push('trap')
      throw new Error('called')
    }
    const proxy = new Proxy({}, { getPrototypeOf: refuse, ownKeys: refuse, get: refuse })
    const revoked = Proxy.revocable([], {})
    revoked.revoke()
    const values = [new Custom(), getter, proxy, revoked.proxy, () => 0, Symbol('12345678'), null, undefined]
    const scrubber = scrubberOf(values, ...values, true, new Redacted('in-a-redacted-box'))
    expect(called).toEqual([])
    expect(scrubber.scrub('in-a-class-instance in-a-redacted-box')).toBe(
      'in-a-class-instance in-a-redacted-box',
    )
  })

  test('depth overflows no stack', () => {
    let deep: unknown = NEEDLE
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep]
    expect(scrubberOf(deep).scrub(NEEDLE)).toBe(MASK)
  })
})

describe('what is left alone', () => {
  test.each(['', 'a', 'hunter2', '1234567', 1_234_567, 'redacted', '[redacted]'])(
    'the value %j is too short or says nothing',
    (value) => {
      const text = `text with ${value} and [redacted]`
      expect(scrubberOf(value).scrub(text)).toBe(text)
    },
  )

  test('any text where nothing was handed out, or nothing of it is in there', () => {
    expect(new Scrubber().scrub(NEEDLE)).toBe(NEEDLE)
    expect(scrubberOf(NEEDLE).scrub(NEEDLE.slice(0, -1))).toBe(NEEDLE.slice(0, -1))
    expect(scrubberOf(NEEDLE).scrub(`x${NEEDLE.slice(1)}`)).toBe(`x${NEEDLE.slice(1)}`)
    expect(scrubberOf(NEEDLE).scrub('')).toBe('')
  })

  test.each([undefined, null, 12, {}, new Redacted(NEEDLE), [NEEDLE]])('%s is refused', (text) => {
    const scrub: unknown = Reflect.get(scrubberOf(NEEDLE), 'scrub')
    const attempt = () => Reflect.apply(scrub as () => string, scrubberOf(NEEDLE), [text]) as unknown
    expect(attempt).toThrow(new TypeError(`text: expected a string, got ${typeof text}`))
  })
})

describe('the bound', () => {
  const value = (number: number) => `value-number-${number}!`

  test('lets the oldest values go, and keeps those that were added again', () => {
    const scrubber = new Scrubber({ maxFingerprints: 200 })
    for (const number of [0, 1, 0]) scrubber.add(value(number))
    for (let number = 2; number < 100 && scrubber.scrub(value(1)) === MASK; number += 1) {
      scrubber.add(value(number))
    }
    expect(scrubber.scrub(`${value(0)} ${value(1)}`)).toBe(`${MASK} ${value(1)}`)
    for (let number = 2; number < 100; number += 1) scrubber.add(value(number))
    expect(scrubber.scrub(`${value(0)} ${value(99)}`)).toBe(`${value(0)} ${MASK}`)
  })

  test('is far away for a thousand values', () => {
    const values = Array.from({ length: 1000 }, (_, number) => `${number * 7919}-is-secret`)
    expect(scrubberOf(...values).scrub(values.join('\n'))).toBe(values.map(() => MASK).join('\n'))
  })

  test('keeps the forms that a value shares with one that has gone', () => {
    const line = 'a line of more than sixteen units'
    const other = 'something, and not the other one'
    const scrubber = new Scrubber({ maxFingerprints: 150 })
    scrubber.add(`${line}\n${other}`)
    scrubber.add(`${line}\nthe other one, which is different`)
    const before = scrubber.scrub(`${line}, ${other}`)
    for (let number = 0; number < 100 && scrubber.scrub(other) === MASK; number += 1) {
      scrubber.add(value(number))
    }
    expect([before, scrubber.scrub(`${line}, ${other}`)]).toEqual([`${MASK}, ${MASK}`, `${MASK}, ${other}`])
  })

  test('holds when very many values came and went', () => {
    const scrubber = new Scrubber({ maxFingerprints: 10_000 })
    const different = (number: number) => `${number}-${number * 7919}-secret`
    for (let number = 0; number < 4000; number += 1) scrubber.add(different(number))
    const numbers = Array.from({ length: 4000 }, (_, number) => number)
    const known = numbers.map((number) => scrubber.scrub(different(number)) === MASK)
    const first = known.indexOf(true)
    expect(first).toBeGreaterThan(2000)
    expect(first).toBeLessThan(3500)
    expect(known.slice(first)).not.toContain(false)
  })

  test('holds for a single document too', () => {
    const many = Array.from({ length: 3000 }, (_, number) => value(number))
    const scrubber = scrubberOf(JSON.stringify(many))
    expect(scrubber.scrub(JSON.stringify(many))).toBe(MASK)
    expect(scrubber.scrub(value(2999))).toBe(MASK)
  })
})

describe('a value with very many leaves', () => {
  const leaves = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, number) => `${prefix}-${number * 7919}-"leaf"`)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const quoted = (text: string) => JSON.stringify(text).slice(1, -1)

  test('pushes out no other, and is looked for as it is', () => {
    const scrubber = scrubberOf({ password: NEEDLE })
    const lists = Array.from({ length: 4 }, (_, list) => leaves(4000, `list-${list}`))
    for (const list of lists) scrubber.add(list)
    const last = lists.at(-1) ?? []
    expect(scrubber.scrub(`${NEEDLE} ${base64(NEEDLE)}`)).toBe(`${MASK} ${MASK}`)
    for (const leaf of [last.at(0) ?? '', last.at(-1) ?? '']) {
      expect(scrubber.scrub(`${leaf} ${quoted(leaf)} ${base64(leaf)}`)).toBe(
        `${MASK} ${MASK} ${base64(leaf)}`,
      )
    }
    expect(scrubber.scrub(lists[0]?.[0] ?? '')).toBe(lists[0]?.[0])
  })

  test('takes its time but once, however many it has', { timeout: 10_000 }, () => {
    const list = leaves(60_000, 'many')
    const scrubber = scrubberOf(list, JSON.stringify(leaves(4800, 'text')))
    const known = list.filter((leaf) => scrubber.scrub(leaf) === MASK)
    expect(known.length).toBeGreaterThan(1000)
    expect(known.length).toBeLessThan(list.length)
  })

  test('has the leaf that is handed out by itself looked for in every form, and kept longer', () => {
    const list = leaves(4000, 'list')
    const [leaf = ''] = list
    const scrubber = scrubberOf(list)
    expect(scrubber.scrub(base64(leaf))).toBe(base64(leaf))
    scrubber.add(leaf)
    scrubber.add(list)
    for (const number of [1, 2]) scrubber.add(leaves(4000, `other-${number}`))
    expect(scrubber.scrub(`${leaf} ${base64(leaf)}`)).toBe(`${MASK} ${MASK}`)
    expect(scrubber.scrub(list[1] ?? '')).toBe(list[1])
  })

  test('leaves no trace when it is forgotten, also of leaves that it has twice', () => {
    const scrubber = scrubberOf([...leaves(4000, 'list'), ...leaves(4000, 'list')])
    for (const number of [1, 2]) scrubber.add(leaves(4000, `other-${number}`))
    expect(leaves(4000, 'list').filter((leaf) => scrubber.scrub(leaf) !== leaf)).toEqual([])
  })
})

describe('repetitive texts', () => {
  test('take linear time where values of many lengths match at every place', { timeout: 8000 }, () => {
    const values = Array.from({ length: 191 }, (_, number) => 'a'.repeat(8 + number))
    const scrubber = scrubberOf('a'.repeat(65_536), values)
    expect(scrubber.scrub(`${'a'.repeat(2 ** 22)}b`)).toBe(`${MASK}b`)
    expect(scrubber.scrub(`${'ab'.repeat(2 ** 20)}${'a'.repeat(60_000)}`).slice(-20)).toBe(
      `${'ab'.repeat(5)}${MASK}`,
    )
  })

  test('take linear time where a long value nearly matches at every place', { timeout: 20_000 }, () => {
    const text = 'a'.repeat(2 ** 20)
    expect(scrubberOf(`${'a'.repeat(9999)}b`).scrub(text) === text).toBe(true)
  })

  test('take linear time where long values do match at every place', { timeout: 20_000 }, () => {
    const values = Array.from({ length: 40 }, (_, number) => 'a'.repeat(2 ** 14 + number))
    expect(
      scrubberOf(values)
        .scrub(`${'a'.repeat(2 ** 17)}b`)
        .slice(0, 100),
    ).toBe(`${MASK}b`)
  })

  test('are masked all over where more of them match than can be digested', () => {
    const values = Array.from({ length: 40 }, (_, number) => `${'a'.repeat(100 + number)}b`)
    const text = `${'a'.repeat(139)}b`
    expect(scrubberOf(values.slice(0, 39)).scrub(text)).toBe(`a${MASK}`)
    expect(scrubberOf(values).scrub(text)).toBe(MASK)
  })
})

test('of values that begin alike each is found, and nothing else', () => {
  const values = Array.from(
    { length: 50 },
    (_, number) => `postgres://app:${'x'.repeat(number * 3)}${number}`,
  )
  const scrubber = scrubberOf(values)
  expect(values.map((value) => scrubber.scrub(`${value}@host`))).toEqual(values.map(() => `${MASK}@host`))
  for (const other of ['postgres://app', `postgres://app:${'x'.repeat(200)}`, 'postgres://another:1']) {
    expect(scrubber.scrub(other)).toBe(other)
  }
})

test('what was encoded is zeroed: memory outside of the heap is shared', () => {
  const alloc = vi.spyOn(Buffer, 'alloc')
  onTestFinished(() => {
    alloc.mockRestore()
  })
  scrubberOf(NEEDLE, new TextEncoder().encode(NEEDLE))
  const buffers = alloc.mock.results.map(({ value }) => value as Buffer)
  expect(buffers.length).toBeGreaterThan(4)
  expect(buffers.filter((buffer) => buffer.some((byte) => byte !== 0))).toEqual([])
})

describe('inspection (I51, I52)', () => {
  test('shows neither a value nor that there are any', () => {
    const scrubber = scrubberOf(NEEDLE, { password: NEEDLE })
    expectNoNeedle(scrubber, NEEDLE)
    expectNoNeedle(scrubber.scrubStream(), NEEDLE)
    expect(inspect(scrubber, { showHidden: true, depth: Infinity })).toBe('Scrubber {}')
  })

  test('shows nothing of what was masked', () => {
    const text = formsOf(NEEDLE)
      .filter((form) => form.length > 8)
      .join('\n')
    expect(scrubberOf(NEEDLE).scrub(text)).toContain(MASK)
    expect(scrubberOf(NEEDLE).scrub(NEEDLE.repeat(3))).toBe(MASK.repeat(3))
  })
})
