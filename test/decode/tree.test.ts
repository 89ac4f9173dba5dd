/** What becomes of the parameters below a path. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { type Leaf, treeOf, treeTextOf } from '../../src/decode/tree.js'
import { thrownBy } from '../reference/refused.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const REF = 'ssm:/prod/'
const leaf = (path: string, text = `of ${path}`): Leaf => ({ path, text, isList: false, version: 1 })
const nested = (...leaves: readonly Leaf[]) => treeOf(treeTextOf(leaves), 'tree', REF)
const flat = (...leaves: readonly Leaf[]) => treeOf(treeTextOf(leaves), 'flat-tree', REF)

/** Whether it and everything below is frozen. */
function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

describe('parameters become', () => {
  test('an object in objects, or a flat one', () => {
    const leaves = [leaf('level', 'info'), leaf('db/host', 'h'), leaf('db/pool/max', '9')]
    expect(nested(...leaves)).toStrictEqual({ level: 'info', db: { host: 'h', pool: { max: '9' } } })
    expect(flat(...leaves)).toStrictEqual({ level: 'info', 'db/host': 'h', 'db/pool/max': '9' })
  })

  test('text, or a list where they are one', () => {
    const list = { path: 'hosts', text: 'a,b', isList: true, version: 1 }
    const one = { path: 'one', text: 'a', isList: true, version: 1 }
    expect(nested(list, one, leaf('text', 'a,b'))).toStrictEqual({
      hosts: ['a', 'b'],
      one: ['a'],
      text: 'a,b',
    })
    expect(flat(list)).toStrictEqual({ hosts: ['a', 'b'] })
  })

  test.each(['true', '9', '1e3', 'null', '{"a":1}', '', ' x ', '\ud83d', '\0', '\u2028'])(
    'text as it is: %j',
    (text) => {
      expect(nested(leaf('x', text))).toStrictEqual({ x: text })
    },
  )

  test('of no parameter an empty object', () => {
    expect([nested(), flat()]).toStrictEqual([{}, {}])
  })

  test('frozen objects and lists, at any depth', () => {
    const leaves = [leaf('a/b/c'), leaf('d'), { path: 'a/list', text: 'x,y', isList: true }]
    expect(isDeeplyFrozen(nested(...leaves))).toBe(true)
    expect(isDeeplyFrozen(flat(...leaves))).toBe(true)
  })

  test('objects 15 levels deep', () => {
    const keys = Array.from({ length: 15 }, (_none, index) => `l${index}`)
    const expected = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), 'x')
    expect(nested(leaf(keys.join('/'), 'x'))).toStrictEqual(expected)
  })
})

describe('names', () => {
  test('that differ in case are two', () => {
    expect(nested(leaf('Key', '1'), leaf('key', '2'), leaf('DB/x', '3'), leaf('db/x', '4'))).toStrictEqual({
      Key: '1',
      key: '2',
      DB: { x: '3' },
      db: { x: '4' },
    })
  })

  test('of digits are keys, not places', () => {
    const tree = nested(leaf('shards/1', 'b'), leaf('shards/0', 'a'), leaf('shards/10', 'c'))
    expect(tree).toStrictEqual({ shards: { 0: 'a', 1: 'b', 10: 'c' } })
    expect(Array.isArray(Object.values(Object(tree) as object)[0])).toBe(false)
  })

  test.each([
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    'toJSON',
    'prototype',
    'length',
    '.',
    '..',
    '-',
  ])('of things that objects have are keys: %s', (name) => {
    expect(nested(leaf(name, 'x'), leaf(`deep/${name}`, 'y'))).toEqual({ [name]: 'x', deep: { [name]: 'y' } })
    expect(flat(leaf(name, 'x'))).toEqual({ [name]: 'x' })
  })

  test.each([
    '__proto__',
    'constructor',
    '__proto__/x',
    'a/__proto__',
    'a/constructor/prototype',
    'a/b/c/__proto__/d',
  ])('that poison prototypes are refused, whatever the view: %s', (path) => {
    for (const view of ['tree', 'flat-tree'] as const) {
      const text = treeTextOf([leaf('fine'), leaf(path, NEEDLE)])
      const error = thrownBy(() => treeOf(text, view, REF))
      expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF })
      expect(String(error)).toContain(`"${path}"`)
      expectNoNeedle(error, NEEDLE)
    }
    expect(Reflect.get({}, 'x')).toBeUndefined()
  })

  test.each(['__Proto__', 'Constructor', 'my__proto__', 'constructor2'])(
    'that only look like it are not: %s',
    (path) => {
      expect(nested(leaf(path, 'x'))).toStrictEqual({ [path]: 'x' })
    },
  )
})

describe('a parameter that is value and parent', () => {
  test.each([
    ['a', 'a/b'],
    ['a', 'a/b/c/d'],
    ['x/a', 'x/a/b'],
  ])('%s above %s is refused, naming both', (parent, child) => {
    for (const leaves of [
      [leaf(parent, NEEDLE), leaf(child, NEEDLE)],
      [leaf(child, NEEDLE), leaf(parent, NEEDLE)],
    ]) {
      const error = thrownBy(() => nested(leaf('z'), ...leaves, leaf('aa')))
      expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF })
      expect(isSecretsError(error) && error.hint).toContain('{ flat: true }')
      expect(String(error)).toContain(`"${parent}"`)
      expect(String(error)).toContain(`"${child}"`)
      expectNoNeedle(error, NEEDLE)
    }
  })

  test('is fine in a flat object', () => {
    expect(flat(leaf('a', '1'), leaf('a/b', '2'))).toStrictEqual({ a: '1', 'a/b': '2' })
  })

  test('is not one whose name is only the beginning of another', () => {
    expect(nested(leaf('a', '1'), leaf('ab/c', '2'), leaf('a-b', '3'))).toStrictEqual({
      a: '1',
      ab: { c: '2' },
      'a-b': '3',
    })
  })
})

describe('the text of a tree', () => {
  test('is the same in whatever order the parameters came', () => {
    const leaves = ['b', 'a', 'a/x', 'B', '0', 'a-x'].map((path) => leaf(path))
    fc.assert(
      fc.property(fc.shuffledSubarray(leaves, { minLength: leaves.length }), (shuffled) => {
        expect(treeTextOf(shuffled)).toBe(treeTextOf(leaves))
      }),
    )
  })

  test.each([
    ['a value', { text: 'other' }],
    ['a type', { isList: true }],
    ['a version alone', { version: 2 }],
    ['a name', { path: 'y' }],
  ])('differs when %s does', (_title, changed) => {
    const one = leaf('x', 'a')
    expect(treeTextOf([{ ...one, ...changed }])).not.toBe(treeTextOf([one]))
  })

  test('needs no versions', () => {
    const unversioned = { path: 'x', text: 'a', isList: false }
    expect(nested(unversioned)).toStrictEqual({ x: 'a' })
  })
})

test('every tree says what the flat one says', () => {
  const level = fc.string({ unit: fc.constantFrom(...Array.from('ab0')), minLength: 1, maxLength: 2 })
  const path = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
  const parameter = fc.record({ path, text: fc.string({ unit: 'binary' }), isList: fc.boolean() })
  fc.assert(
    fc.property(
      fc.uniqueArray(parameter, { selector: ({ path: name }) => name, maxLength: 12 }),
      (leaves) => {
        const all = new Set(leaves.map((one) => one.path))
        const hasParent = leaves.some((one) => {
          const keys = one.path.split('/')
          return keys.some((_key, at) => at > 0 && all.has(keys.slice(0, at).join('/')))
        })
        const expected = leaves.map((one) => [one.path, one.isList && one.text === '' ? [] : valueOf(one)])
        expect(flat(...leaves)).toStrictEqual(Object.fromEntries(expected))
        if (hasParent) expect(thrownBy(() => nested(...leaves))).toMatchObject({ code: 'ERR_DECODE' })
        else expect(flattened(nested(...leaves))).toStrictEqual(flat(...leaves))
      },
    ),
    { numRuns: 500 },
  )
})

const valueOf = ({ text, isList }: { readonly text: string; readonly isList: boolean }) =>
  isList ? text.split(',') : text

function flattened(tree: unknown): unknown {
  const found: [string, unknown][] = []
  const visit = (node: object, above: string) => {
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        visit(value, `${above}${key}/`)
      else found.push([`${above}${key}`, value])
    }
  }
  visit(Object(tree) as object, '')
  return Object.fromEntries(found)
}
