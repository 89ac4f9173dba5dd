import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { resolveLoadOptions } from '../../src/options/read-options.js'
import { resolveManifest, shownAlias } from '../../src/options/resolve-manifest.js'
import { parseReference } from '../../src/reference/parse.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const SHARED = resolveLoadOptions(undefined)
const VALUE = 'ref, field, as, schema, default, ttlMs, parts, redacted'
const TREE = 'tree, schema, default, ttlMs, redacted, flat'

const resolve = (manifest: unknown, options = {}) => resolveManifest(manifest, resolveLoadOptions(options))

function typeErrorOf(manifest: unknown): TypeError {
  try {
    resolve(manifest)
  } catch (error) {
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
    expectNoNeedle(error, NEEDLE)
    return error as TypeError
  }
  throw new Error('the manifest was accepted')
}

const thrower = () => {
  throw new Error(NEEDLE)
}
const traps = { ownKeys: thrower, get: thrower, has: thrower, getPrototypeOf: thrower }

describe('a manifest', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['text', NEEDLE, 'string'],
    ['a number', 7, 'number'],
    ['a symbol', Symbol(NEEDLE), 'symbol'],
    ['a function', () => NEEDLE, 'function'],
    ['a class', Map, 'function'],
    ['an array', ['prod/db'], 'an array'],
    ['a map', new Map([['db', 'prod/db']]), 'an instance of a class'],
    ['a set', new Set(['prod/db']), 'an instance of a class'],
    ['a promise of one', Promise.resolve({ db: 'prod/db' }), 'an instance of a class'],
    [
      'an instance of a class',
      new (class {
        db = 'prod/db'
      })(),
      'an instance of a class',
    ],
    ['an object that inherits its entries', Object.create({ db: 'prod/db' }), 'an instance of a class'],
    ['a proxy that throws', new Proxy({}, traps), 'an instance of a class'],
    ['a revoked proxy', revoked(), 'an instance of a class'],
  ])('is not %s', (_title, manifest, got) => {
    const { message } = typeErrorOf(manifest)
    expect(message).toBe(`manifest: expected a plain object of entries by alias, got ${got}`)
  })

  test('that throws when it is listed is a TypeError of ours', () => {
    const { message } = typeErrorOf(new Proxy({}, { ownKeys: thrower }))
    expect(message).toBe('manifest: could not be read, because a proxy threw an error')
  })

  test.each<[string, object]>([
    [
      'a getter',
      {
        fine: 'prod/a',
        get db() {
          return thrower()
        },
      },
    ],
    [
      'a proxy',
      new Proxy({ fine: 'prod/a', db: 'x' }, { get: (_, alias) => (alias === 'db' ? thrower() : 'a') }),
    ],
  ])('whose entry throws by %s names the alias', (_title, manifest) => {
    expect(typeErrorOf(manifest).message).toBe(
      'manifest: db: could not be read, because a getter or a proxy threw an error',
    )
  })

  test('may be empty, frozen, without a prototype, or have symbols, which are no aliases', () => {
    expect(resolve({})).toEqual([])
    expect(resolve(Object.freeze({ db: 'prod/db' }))).toHaveLength(1)
    expect(resolve(Object.assign(Object.create(null) as object, { db: 'prod/db' }))).toHaveLength(1)
    expect(resolve({ [Symbol('x')]: 7, db: 'prod/db' })).toHaveLength(1)
  })

  test('is read once: a getter cannot change its mind after the check', () => {
    let reads = 0
    const [entry] = resolve({
      get db() {
        reads += 1
        return reads === 1 ? 'prod/db' : 7
      },
    })
    expect([reads, entry?.entry, entry?.reference]).toEqual([1, 'prod/db', parseReference('prod/db')])
  })
})

describe('aliases', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'then', 'toJSON', 'toString', 'valueOf'])(
    '%s is reserved',
    (alias) => {
      const manifest = JSON.parse(`{"fine":"prod/a","${alias}":"prod/db"}`) as object
      expect(typeErrorOf(manifest).message).toBe(`manifest: ${alias}: is a reserved alias; choose another`)
    },
  )

  test('must not be empty', () => {
    expect(typeErrorOf({ '': 'prod/db' }).message).toBe(
      'manifest: entry 1: is a reserved alias; choose another',
    )
  })

  test('that are reserved are told together with what else is wrong', () => {
    const manifest = { then: 'prod/a', db: null, fine: 'prod/b', toJSON: 'prod/c' }
    expect(typeErrorOf(manifest).message).toBe(
      'manifest: then: is a reserved alias; choose another; db: expected a reference or { ref, … } or ' +
        '{ tree, … }, got null; toJSON: is a reserved alias; choose another',
    )
  })

  test.each([
    'hasOwnProperty',
    '__defineGetter__',
    'Then',
    'db.main',
    'db/main',
    'db-main',
    'db main',
    'clé',
    'データベース',
    '1',
    '$x',
  ])('%s is none of them', (alias) => {
    expect(resolve({ [alias]: 'prod/db' })).toMatchObject([{ alias }])
    expect(shownAlias(alias, 0)).toBe(alias)
  })

  test('that are pasted secrets are told by their place', () => {
    expect(typeErrorOf({ fine: 'prod/a', [NEEDLE]: 7 }).message).toMatch(
      /^manifest: entry 2: expected a reference/,
    )
    expect(shownAlias(NEEDLE, 1)).toBe('entry 2')
    expect(shownAlias('a'.repeat(65), 0)).toBe('entry 1')
    expect(shownAlias('two\nlines', 4)).toBe('entry 5')
    expect(shownAlias('\u001b[2J', 4)).toBe('entry 5')
  })

  test('that look like a place are told by their own, so that no two are told alike', () => {
    const aliases = ['entry 2', '🔑', 'entry 1']
    expect(aliases.map(shownAlias)).toEqual(['entry 1', 'entry 2', 'entry 3'])
  })
})

describe('an entry', () => {
  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 7, 'number'],
    ['a boolean', false, 'boolean'],
    ['a symbol', Symbol(NEEDLE), 'symbol'],
    ['a function', () => NEEDLE, 'function'],
    ['an array', ['prod/db'], 'an array'],
    ['a date', new Date(), 'an instance of a class'],
    ['a text object', Object('prod/db'), 'an instance of a class'],
    ['a schema', z.string(), 'an instance of a class'],
    ['an entry that is inherited', Object.create({ ref: 'prod/db' }), 'an instance of a class'],
    ['a proxy that throws', new Proxy({}, traps), 'an instance of a class'],
  ])('is not %s', (_title, entry, got) => {
    expect(typeErrorOf({ db: entry }).message).toBe(
      `manifest: db: expected a reference or { ref, … } or { tree, … }, got ${got}`,
    )
  })

  test.each<[string, object]>([
    [
      'a getter of ref',
      {
        get ref() {
          return thrower()
        },
      },
    ],
    [
      'a getter of tree',
      {
        get tree() {
          return thrower()
        },
      },
    ],
    [
      'a getter of default',
      {
        ref: 'a',
        get default() {
          return thrower()
        },
      },
    ],
    ['a proxy', new Proxy({ ref: 'a' }, { ownKeys: thrower })],
  ])('that throws by %s is told by its alias', (_title, entry) => {
    expect(typeErrorOf({ db: entry }).message).toBe(
      'manifest: db: entry: could not be read, because a getter or a proxy threw an error',
    )
  })

  test.each<[string, object, string]>([
    ['a misspelt member', { ref: 'a', shema: {} }, `unknown option "shema", expected one of ${VALUE}`],
    ['a signal', { ref: 'a', signal: 7 }, `unknown option "signal", expected one of ${VALUE}`],
    ['fresh', { ref: 'a', fresh: true }, `unknown option "fresh", expected one of ${VALUE}`],
    ['flat without a tree', { ref: 'a', flat: true }, `unknown option "flat", expected one of ${VALUE}`],
    [
      'a reference object that is not in ref',
      { name: 'a' },
      `unknown option "name", expected one of ${VALUE}`,
    ],
    ['a tree and a reference', { tree: '/a', ref: 'a' }, `unknown option "ref", expected one of ${TREE}`],
    ['as on a tree', { tree: '/a', as: 'json' }, `unknown option "as", expected one of ${TREE}`],
    ['parts on a tree', { tree: '/a', parts: true }, `unknown option "parts", expected one of ${TREE}`],
    ['a field on a tree', { tree: '/a', field: 'x' }, `unknown option "field", expected one of ${TREE}`],
    [
      'a prototype from JSON',
      JSON.parse('{"ref":"a","__proto__":{"redacted":true}}') as object,
      `unknown option "…", expected one of ${VALUE}`,
    ],
    ['a pasted secret', { ref: 'a', [NEEDLE]: 1 }, `unknown option "…", expected one of ${VALUE}`],
  ])('has no %s', (_title, entry, problem) => {
    expect(typeErrorOf({ db: entry }).message).toBe(`manifest: db: entry: ${problem}`)
  })

  test.each<[object, string]>([
    [{}, 'ref: expected a reference, got undefined'],
    [{ ref: undefined }, 'ref: expected a reference, got undefined'],
    [{ ref: null }, 'ref: expected a reference, got null'],
    [{ ref: 7 }, 'ref: expected a reference, got number'],
    [{ ref: () => NEEDLE }, 'ref: expected a reference, got function'],
    [{ ref: ['a'] }, 'ref: expected a reference, got an array'],
    [{ ref: new URL('https://x.test') }, 'ref: expected a reference, got an instance of a class'],
    [{ ref: new Proxy({}, traps) }, 'ref: expected a reference, got an instance of a class'],
    [{ ref: { name: 7 } }, 'reference.name must be a string, got number'],
    [
      { ref: new Proxy({}, { ownKeys: thrower }) },
      'ref: could not be read, because a getter or a proxy threw an error',
    ],
    [
      {
        ref: {
          get name() {
            return thrower()
          },
        },
      },
      'ref: could not be read, because a getter or a proxy threw an error',
    ],
    [{ ref: 'a', field: 7 }, 'field: expected a string, got number'],
    [{ ref: 'a', field: null }, 'field: expected a string, got null'],
    [{ ref: 'a', as: NEEDLE }, 'as: expected one of text, json, bytes, list, got another text'],
    [{ ref: 'a', ttlMs: -1 }, 'ttlMs: expected milliseconds from 0 to 2147483647, got -1'],
    [{ ref: 'a', ttlMs: NEEDLE }, 'ttlMs: expected milliseconds from 0 to 2147483647, got string'],
    [{ ref: 'a', parts: 1 }, 'parts: expected a boolean, got number'],
    [{ ref: 'a', redacted: NEEDLE }, 'redacted: expected a boolean, got string'],
    [{ tree: undefined }, 'tree: expected a path, got undefined'],
    [{ tree: { name: '/a' } }, 'tree: expected a path, got object'],
    [{ tree: '/a', flat: 1 }, 'flat: expected a boolean, got number'],
    [{ tree: '/a', redacted: 0 }, 'redacted: expected a boolean, got number'],
    [{ tree: '/a', ttlMs: NaN }, 'ttlMs: expected milliseconds from 0 to 2147483647, got NaN'],
  ])('has members of the right types (%#)', (entry, problem) => {
    expect(typeErrorOf({ db: entry }).message).toBe(`manifest: db: ${problem}`)
  })

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a boolean schema', true, 'boolean'],
    ['JSON text', '{"type":"string"}', 'string'],
    ['a function', () => true, 'function'],
    ['a promise', Promise.resolve(z.string()), 'an instance of a class'],
    ['an object without a keyword', { username: 'string' }, 'object'],
    ['a broken ~standard', { '~standard': {} }, 'object'],
    ['a proxy that throws', new Proxy({}, traps), 'an instance of a class'],
  ])('has a schema that is one, not %s', (_title, schema, got) => {
    const problem = `schema: expected a JSON Schema object or a Standard Schema, got ${got}`
    for (const entry of [
      { ref: 'a', schema },
      { tree: '/a', schema },
    ]) {
      expect(typeErrorOf({ db: entry }).message).toBe(`manifest: db: ${problem}`)
    }
  })

  test('is one of several that are wrong: all are told, and none that are right', () => {
    const manifest = { a: 7, fine: 'prod/a', b: { ref: 'b', as: 'x' }, c: { tree: 1 } }
    const { message } = typeErrorOf(manifest)
    expect(message).toMatch(/^manifest: a: .+; b: as: .+; c: tree: /)
    expect(message).not.toContain('fine')
  })
})

describe('what an entry means', () => {
  test('a field of its own is that of the reference', () => {
    const entries = resolve({
      a: 'prod/db#user',
      b: { ref: 'prod/db', field: 'user' },
      c: { ref: { name: 'prod/db', field: 'user' } },
      d: { ref: { name: 'prod/db' }, field: 'user' },
      e: { ref: parseReference('prod/db'), field: 'user' },
      f: { ref: parseReference('prod/db#user'), field: undefined },
    })
    for (const { reference } of entries) expect(reference).toEqual(parseReference('prod/db#user'))
  })

  test('a field goes with a version, a label and a path into the value', () => {
    const [a, b] = resolve({
      a: { ref: 'prod/db:AWSPREVIOUS', field: '/pool/size' },
      b: { ref: 'ssm:/a:3', field: 'x' },
    })
    expect(a?.reference).toEqual(parseReference('prod/db:AWSPREVIOUS#/pool/size'))
    expect(b?.reference).toEqual(parseReference('ssm:/a:3#x'))
  })

  test.each([
    [{ ref: 'prod/db#user', field: 'user' }],
    [{ ref: { name: 'prod/db', field: 'a' }, field: 'b' }],
  ])('a field that is named twice is refused (%#)', (entry) => {
    const [resolved] = resolve({ db: entry })
    expect(resolved?.reference).toMatchObject({
      code: 'ERR_REFERENCE_INVALID',
      message: expect.stringContaining(
        'the field is named twice, in the reference and as `field`. Keep one of the two.',
      ) as string,
    })
  })

  test.each<[string, unknown]>([
    ['a name with a space', 'prod db'],
    ['nothing', ''],
    ['a relative parameter', { ref: 'ssm:no/slash' }],
    ['an empty field', { ref: 'prod/db', field: '' }],
    ['a version of a value in parts', { ref: 'ssm:/a:3', parts: true }],
    ['a relative tree', { tree: 'prod' }],
    ['a tree with a label', { tree: '/prod:label' }],
    ['a tree with a field', { tree: '/prod#x' }],
    ['a pasted secret', NEEDLE],
    ['a pasted secret as a tree', { tree: `/${NEEDLE}` }],
  ])('%s is no reference: that is told when all entries are known', (_title, entry) => {
    const [resolved] = resolve({ db: entry })
    expect(resolved?.reference).toMatchObject({ code: 'ERR_REFERENCE_INVALID', attempts: 0 })
    expectNoNeedle(resolved?.reference, NEEDLE)
  })

  test('what the load says holds where the entry says nothing', () => {
    const options = { ttlMs: 5, redacted: true, fresh: true, signal: new AbortController().signal }
    const entries = resolve(
      {
        text: 'a',
        plain: { ref: 'a' },
        unset: { ref: 'a', ttlMs: undefined, redacted: undefined },
        own: { ref: 'a', ttlMs: 7, redacted: false },
        none: { ref: 'a', ttlMs: 0 },
        tree: { tree: '/a' },
        ownTree: { tree: '/a', ttlMs: 7, redacted: false },
      },
      options,
    )
    const { signal } = options
    expect(entries.map(({ how }) => [how.ttlMs, how.isRedacted])).toEqual([
      [5, true],
      [5, true],
      [5, true],
      [7, false],
      [0, true],
      [5, true],
      [7, false],
    ])
    for (const { how } of entries) expect(how).toMatchObject({ fresh: true, signal })
  })

  test('what is read is what `as`, `schema` and `flat` say', () => {
    const schema = z.string()
    const entries = resolve({
      a: 'x',
      b: { ref: 'x', schema },
      c: { ref: 'x', as: 'bytes' },
      d: { tree: '/x' },
      e: { tree: '/x', flat: true, schema },
    })
    expect(entries.map(({ how }) => how.as)).toEqual(['text', 'json', 'bytes', 'tree', 'flat-tree'])
    expect(entries.map(({ how }) => how.schema)).toEqual([undefined, schema, undefined, undefined, schema])
  })

  test('an entry is kept as it was given: frozen, and with the schema itself', () => {
    const schema = { type: 'object' } as const
    const given = { ref: { name: 'prod/db' }, schema, default: undefined }
    const [resolved] = resolve({ db: given })
    const entry = resolved?.entry
    expect(entry).toEqual(given)
    expect(entry).not.toBe(given)
    expect(Object.isFrozen(entry)).toBe(true)
    expect(entry).toMatchObject({ ref: Object.freeze({ name: 'prod/db' }) })
    expect(typeof entry === 'object' && 'schema' in entry && entry.schema === schema).toBe(true)
    expect(Object.isFrozen(given.ref)).toBe(false)
  })
})

describe('a polluted Object.prototype', () => {
  const names = [...new Set([...VALUE.split(', '), ...TREE.split(', ')])]
  const manifest = { a: 'prod/a', b: { ref: 'prod/b' }, c: { tree: '/c' } }
  const pollute = (value: unknown) => {
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true })
    }
  }
  const clean = () => {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name)
  }
  afterEach(clean)

  test.each([
    ['text', 'x'],
    ['false', false],
    ['an object', { type: 'string' }],
  ])('changes nothing: %s', (_title, value) => {
    const expected = [resolve(manifest), resolve(manifest, { redacted: true })]
    pollute(value)
    const resolved = [resolve(manifest), resolve(manifest, { redacted: true })]
    clean()
    expect(resolved).toEqual(expected)
    expect(resolved[1]?.map(({ how }) => how.isRedacted)).toEqual([true, true, true])
  })

  test('makes no entry of an object that is none', () => {
    pollute('prod/db')
    const { message } = typeErrorOf({ db: {} })
    clean()
    expect(message).toBe('manifest: db: ref: expected a reference, got undefined')
  })
})

test('resolving keeps the order of the manifest, and every alias', () => {
  const aliases = ['z', 'a', 'm', '2', '1']
  const manifest = Object.fromEntries(aliases.map((alias) => [alias, `prod/${alias}`]))
  expect(resolveManifest(manifest, SHARED).map(({ alias }) => alias)).toEqual(Object.keys(manifest))
})

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
