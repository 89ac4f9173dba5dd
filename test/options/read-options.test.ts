import type { JsonSchema } from '../../src/decode/json-schema/json-schema.js'
import { type } from 'arktype'
import * as v from 'valibot'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type PrefetchOptions,
  type ReadOptions,
  type WatchOptions,
  resolvePrefetchOptions,
  resolveReadOptions,
  resolveRefreshOptions,
  resolveWatchOptions,
} from '../../src/options/read-options.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const NAMES = 'as, schema, signal, fresh, default, ttlMs, parts, redacted'

function typeErrorOf(options: unknown, resolve: (options: never) => unknown = resolveReadOptions): TypeError {
  try {
    resolve(options as never)
  } catch (error) {
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
    return error as TypeError
  }
  throw new Error('the options were accepted')
}

const RESOLVERS: readonly ((options: never) => unknown)[] = [
  resolveReadOptions,
  resolveRefreshOptions,
  resolveWatchOptions,
  resolvePrefetchOptions,
]

const thrower = () => {
  throw new Error(NEEDLE)
}
const traps = { ownKeys: thrower, get: thrower, has: thrower, getPrototypeOf: thrower }

describe('without options', () => {
  const PLAIN = {
    as: 'text',
    schema: undefined,
    isInParts: false,
    isRedacted: false,
    signal: undefined,
    fresh: false,
    ttlMs: undefined,
    fallback: undefined,
  }

  test.each([
    [undefined],
    [{}],
    [{ as: undefined, schema: undefined, signal: undefined, fresh: undefined, ttlMs: undefined }],
  ])('text is read from the cache, and failures are failures (%#)', (options) => {
    expect(resolveReadOptions(options as ReadOptions | undefined)).toEqual(PLAIN)
  })
})

describe('what to decode to', () => {
  const schema = { type: 'object' } as const

  test.each<[ReadOptions, string]>([
    [{ schema }, 'json'],
    [{ schema, as: 'text' }, 'text'],
    [{ schema, as: 'list' }, 'list'],
    [{ as: 'json' }, 'json'],
    [{ as: 'bytes' }, 'bytes'],
  ])('%j means %s', (options, as) => {
    expect(resolveReadOptions(options).as).toBe(as)
  })

  test.each<[unknown, string]>([
    ['JSON', 'another text'],
    ['', 'another text'],
    [NEEDLE, 'another text'],
    ['toString', 'another text'],
    [null, 'null'],
    [0, 'number'],
    [true, 'boolean'],
    [Symbol(NEEDLE), 'symbol'],
    [['json'], 'an array'],
    [Object('json'), 'an instance of a class'],
    [new Proxy({}, traps), 'an instance of a class'],
  ])('anything else is refused (%#)', (as, got) => {
    const error = typeErrorOf({ as })
    expect(error.message).toBe(`as: expected one of text, json, bytes, list, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('a schema', () => {
  test.each<[string, unknown]>([
    ['a JSON Schema', { type: 'object' }],
    ['the empty JSON Schema', {}],
    ['a JSON Schema without a prototype', Object.assign(Object.create(null) as object, { type: 'object' })],
    ['a frozen JSON Schema', Object.freeze({ type: 'object' })],
    ['zod', z.string()],
    ['valibot', v.string()],
    ['arktype', type('string')],
  ])('may be %s', (_title, schema) => {
    expect(resolveReadOptions({ schema } as ReadOptions).schema).toBe(schema)
  })

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a boolean schema', true, 'boolean'],
    ['JSON text', '{"type":"string"}', 'string'],
    ['a number', 7, 'number'],
    ['a symbol', Symbol(NEEDLE), 'symbol'],
    ['a list', [{ type: 'string' }], 'an array'],
    ['a function, such as a compiled validator', () => true, 'function'],
    ['a constructor', Date, 'function'],
    ['a promise', Promise.resolve(z.string()), 'an instance of a class'],
    ['a date', new Date(), 'an instance of a class'],
    [
      'a class of a library without Standard Schema',
      new (class ZodString {
        _def = {}
      })(),
      'an instance of a class',
    ],
    ['an object with a broken ~standard', { '~standard': {} }, 'object'],
    [
      'a getter that throws',
      {
        get '~standard'() {
          return thrower()
        },
      },
      'object',
    ],
    ['a proxy that throws', new Proxy({}, traps), 'an instance of a class'],
    ['a callable proxy that throws', new Proxy(() => undefined, traps), 'function'],
  ])('is not %s: it would let every value pass', (_title, schema, got) => {
    const error = typeErrorOf({ schema })
    expect(error.message).toBe(`schema: expected a JSON Schema object or a Standard Schema, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('a signal', () => {
  const shape = {
    aborted: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    throwIfAborted: () => undefined,
  }

  test.each<[string, unknown]>([
    ['of this realm', new AbortController().signal],
    ['aborted already', AbortSignal.abort()],
    ['of another realm, by its shape', shape],
  ])('may be %s', (_title, signal) => {
    const options = { signal } as { signal: AbortSignal }
    expect(resolveReadOptions(options).signal).toBe(signal)
    expect(resolveRefreshOptions(options).signal).toBe(signal)
    expect(resolveWatchOptions(options).signal).toBe(signal)
    expect(resolvePrefetchOptions(options).how.signal).toBe(signal)
  })

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a controller', new AbortController(), 'an instance of a class'],
    ['a boolean', false, 'boolean'],
    ['text', NEEDLE, 'string'],
    ['an object', {}, 'object'],
    ['a shape that could not be let go of', { ...shape, removeEventListener: undefined }, 'object'],
    [
      'a shape that does not tell whether it aborted',
      Object.fromEntries(Object.entries(shape).slice(1)),
      'object',
    ],
    [
      'a getter that throws',
      {
        get addEventListener() {
          return thrower()
        },
      },
      'object',
    ],
    ['a proxy that throws', new Proxy({}, traps), 'an instance of a class'],
  ])('is not %s', (_title, signal, got) => {
    for (const resolve of RESOLVERS) {
      const error = typeErrorOf({ signal }, resolve)
      expect(error.message).toBe(`signal: expected an AbortSignal, got ${got}`)
      expectNoNeedle(error, NEEDLE)
    }
  })
})

describe('flags and durations', () => {
  test.each([true, false])('fresh may be %s', (fresh) => {
    expect(resolveReadOptions({ fresh }).fresh).toBe(fresh)
  })

  test.each<[unknown, string]>([
    [null, 'null'],
    [1, 'number'],
    ['true', 'string'],
    [{}, 'object'],
  ])('fresh is not %j', (fresh, got) => {
    expect(typeErrorOf({ fresh }).message).toBe(`fresh: expected a boolean, got ${got}`)
  })

  test.each([0, 0.5, 60_000, 2_147_483_647])('ttlMs may be %d', (ttlMs) => {
    expect(resolveReadOptions({ ttlMs }).ttlMs).toBe(ttlMs)
  })

  test.each<[unknown, string]>([
    [-1, '-1'],
    [-0.001, '-0.001'],
    [2_147_483_648, '2147483648'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [null, 'null'],
    ['60000', 'string'],
    [1n, 'bigint'],
    [new Date(), 'an instance of a class'],
  ])('ttlMs is not %s', (ttlMs, got) => {
    expect(typeErrorOf({ ttlMs }).message).toBe(
      `ttlMs: expected milliseconds from 0 to 2147483647, got ${got}`,
    )
  })
})

describe('a default', () => {
  test.each<[unknown]>([[undefined], [null], [''], [0], [false], [{ a: 1 }]])(
    'may be anything, %j too',
    (value) => {
      expect(resolveReadOptions({ default: value }).fallback).toEqual({ value })
    },
  )

  test('is given as it is, and read once', () => {
    let reads = 0
    const { fallback } = resolveReadOptions({
      get default() {
        return (reads += 1)
      },
    })
    expect([fallback, reads]).toEqual([{ value: 1 }, 1])
  })
})

describe('options as a whole', () => {
  test.each<[unknown, string]>([
    [null, 'null'],
    [NEEDLE, 'string'],
    ['', 'string'],
    [7, 'number'],
    [true, 'boolean'],
    [Symbol(NEEDLE), 'symbol'],
    [7n, 'bigint'],
    [() => NEEDLE, 'function'],
    [[], 'an array'],
    [new Date(), 'an instance of a class'],
    [new Map([['as', 'json']]), 'an instance of a class'],
    [new AbortController().signal, 'an instance of a class'],
    [z.string(), 'an instance of a class'],
    [Object.create({ as: 'json' }), 'an instance of a class'],
    [new Proxy({}, traps), 'an instance of a class'],
  ])('are a plain object (%#)', (options, got) => {
    for (const resolve of RESOLVERS) {
      const error = typeErrorOf(options, resolve)
      expect(error.message).toBe(`options: expected a plain object, got ${got}`)
      expectNoNeedle(error, NEEDLE)
    }
  })

  test.each<[string, unknown]>([
    [
      'a getter',
      {
        get as() {
          return thrower()
        },
      },
    ],
    [
      'a getter of default',
      {
        get default() {
          return thrower()
        },
      },
    ],
    ['a proxy', new Proxy({}, { ownKeys: thrower })],
  ])('that throw by %s are a TypeError of ours', (_title, options) => {
    const error = typeErrorOf(options)
    expect(error.message).toBe('options: could not be read, because a getter or a proxy threw an error')
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[object, string]>([
    [{ transform: 'json' }, 'transform'],
    [{ As: 'json' }, 'As'],
    [{ ttl: 5, as: 'json' }, 'ttl'],
    [JSON.parse('{"__proto__":{"as":"json"}}') as object, '…'],
    [{ [NEEDLE]: NEEDLE }, '…'],
  ])('have no other members (%#)', (options, name) => {
    const error = typeErrorOf(options)
    expect(error.message).toBe(`options: unknown option "${name}", expected one of ${NAMES}`)
    expectNoNeedle(error, NEEDLE)
  })

  test('of a refresh hold a signal, whether the value is in parts, and nothing else', () => {
    expect(resolveRefreshOptions(undefined)).toEqual({ signal: undefined, isInParts: false })
    expect(resolveRefreshOptions({})).toEqual({ signal: undefined, isInParts: false })
    expect(resolveRefreshOptions({ parts: true }).isInParts).toBe(true)
    expect(typeErrorOf({ fresh: true }, resolveRefreshOptions).message).toBe(
      'options: unknown option "fresh", expected one of signal, parts',
    )
  })
})

describe('options of a watch', () => {
  test.each<[WatchOptions | undefined]>([[undefined], [{}], [{ as: undefined, schema: undefined }]])(
    'that say nothing mean text, never a default or a lifetime of its own (%#)',
    (options) => {
      expect(resolveWatchOptions(options)).toEqual(resolveReadOptions(undefined))
    },
  )

  test('say how each version is decoded', () => {
    const schema = { type: 'object' } as const
    expect(resolveWatchOptions({ schema })).toMatchObject({ as: 'json', schema })
    expect(resolveWatchOptions({ as: 'bytes' }).as).toBe('bytes')
  })

  test.each([
    ['fresh', true],
    ['default', ''],
    ['ttlMs', 5],
    ['intervalMs', 5],
    ['pollMs', 5],
  ])('have no %s', (name, value) => {
    const error = typeErrorOf({ [name]: value }, resolveWatchOptions)
    expect(error.message).toBe(
      `options: unknown option "${name}", expected one of as, schema, signal, parts, redacted`,
    )
  })
})

describe('options of a prefetch', () => {
  test.each<[PrefetchOptions | undefined]>([
    [undefined],
    [{}],
    [{ signal: undefined, throwOnFailure: undefined }],
  ])('that say nothing mean that failures are reported (%#)', (options) => {
    expect(resolvePrefetchOptions(options)).toEqual({
      how: resolveReadOptions(undefined),
      throwOnFailure: false,
    })
  })

  test.each([true, false])('throwOnFailure may be %s', (throwOnFailure) => {
    expect(resolvePrefetchOptions({ throwOnFailure }).throwOnFailure).toBe(throwOnFailure)
  })

  test.each<[unknown, string]>([
    [null, 'null'],
    [0, 'number'],
    [NaN, 'number'],
    [NEEDLE, 'string'],
    [{}, 'object'],
    [[], 'an array'],
    [() => true, 'function'],
  ])('throwOnFailure is not %j', (throwOnFailure, got) => {
    const error = typeErrorOf({ throwOnFailure }, resolvePrefetchOptions)
    expect(error.message).toBe(`throwOnFailure: expected a boolean, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each([
    ['as', 'json'],
    ['schema', {}],
    ['fresh', true],
    ['default', ''],
    ['ttlMs', 5],
  ])('have no %s: nothing is decoded', (name, value) => {
    const error = typeErrorOf({ [name]: value }, resolvePrefetchOptions)
    expect(error.message).toBe(`options: unknown option "${name}", expected one of signal, throwOnFailure`)
  })
})

describe('a polluted Object.prototype', () => {
  const names = [...NAMES.split(', '), 'throwOnFailure']
  const resolveAll = () => [
    resolveReadOptions({}),
    resolveWatchOptions({}),
    resolvePrefetchOptions({}),
    resolveRefreshOptions({}),
  ]
  afterEach(() => {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name)
  })

  test('changes nothing', () => {
    const expected = resolveAll()
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        value: NEEDLE,
        configurable: true,
        enumerable: true,
        writable: true,
      })
    }
    const resolved = resolveAll()
    for (const name of names) Reflect.deleteProperty(Object.prototype, name)
    expect(resolved).toEqual(expected)
  })
})

test('an object without a keyword of JSON Schema is refused: it would let every value pass', () => {
  const schema = { username: 'string' } as unknown as JsonSchema
  expect(() => resolveReadOptions({ schema })).toThrow(TypeError)
  expect(resolveReadOptions({ schema: {} }).as).toBe('json')
})
