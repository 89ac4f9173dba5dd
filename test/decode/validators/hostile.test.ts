/** Validators that do not do as Standard Schema has it: each gives ERR_SCHEMA in time, and nothing of the value. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Decoder } from '../../../src/decode/decode.js'
import { DecodedValues } from '../../../src/decode/decoded-values.js'
import { withDeadline } from '../../../src/retry/deadline.js'
import { ManualClock } from '../../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'
import { REF, decodeWith, failureOf } from '../decode-with.js'

/** Around anything that `validate` may return or do. */
const answering = (validate: (value: unknown) => unknown): StandardSchemaV1 => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: validate as StandardSchemaV1['~standard']['validate'],
  },
})

const read = (schema: StandardSchemaV1) =>
  decodeWith(JSON.stringify({ a: NEEDLE, [NEEDLE]: NEEDLE }), { as: 'json', schema })

const fail = () => {
  throw new TypeError(NEEDLE)
}

const throwing = (name: string) => Object.defineProperty({}, name, { get: fail, enumerable: true })

const proxy = (target: object) => new Proxy(target, { get: fail, has: fail, ownKeys: fail })

describe('what is no answer', () => {
  test.each<[string, (value: unknown) => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a promise of nothing', () => Promise.resolve()],
    ['an object that throws when it is asked for issues', () => throwing('issues')],
    ['an object that throws when it is asked for the value', () => throwing('value')],
    ['a proxy that throws', () => proxy({})],
    [
      'a promise that rejects with the value',
      (value) => Promise.reject(Object.assign(new Error(NEEDLE), { value })),
    ],
    ['a thenable that throws', () => ({ then: fail })],
    ['a value that is a thenable that throws', () => ({ value: { then: fail } })],
    ['issues that are null', () => ({ issues: null })],
    ['issues that are a number', () => ({ issues: 7 })],
    ['an issue that is null', () => ({ issues: [null] })],
    ['an issue that is undefined', () => ({ issues: [undefined] })],
    ['an issue that throws', () => ({ issues: [throwing('path')] })],
    ['a path that throws', () => ({ issues: [{ path: proxy([]) }] })],
    ['a segment that is null', () => ({ issues: [{ path: [null] }] })],
    ['a segment that throws', () => ({ issues: [{ path: [throwing('key')] }] })],
    ['a key that cannot be text', () => ({ issues: [{ path: [{ key: { toString: fail } }] }] })],
    ['an output that throws', () => ({ value: throwing('a') })],
    ['an output that is a proxy that throws', () => ({ value: proxy({}) })],
    ['a throw', fail],
  ])('%s', async (_title, validate) => {
    const error = await failureOf(read(answering(validate)))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: REF, retryable: false })
    expect(error.cause).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
    expectNoNeedle(error.stack, NEEDLE)
  })
})

describe('what is an odd answer', () => {
  test.each<[string, unknown]>([
    ['no value and no issues', {}],
    ['a value beside issues that are undefined', { issues: undefined, value: undefined }],
  ])('%s is undefined', async (_title, answer) => {
    await expect(read(answering(() => answer))).resolves.toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['text', NEEDLE],
    ['an object', { message: NEEDLE }],
    ['a sparse list', Object.assign([], { length: 3, 2: { message: NEEDLE, path: ['a'] } })],
    ['an iterator', new Set([{ message: NEEDLE, path: [NEEDLE] }])],
    ['none', []],
  ])('issues that are %s refuse, and show nothing', async (_title, issues) => {
    const error = await failureOf(read(answering(() => ({ issues }))))
    expect(error.code).toBe('ERR_SCHEMA')
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, readonly unknown[]]>([
    ['numbers', [1, -1, 0.5, NaN, Infinity]],
    ['symbols', [Symbol(NEEDLE)]],
    ['flags', [true, false]],
    ['big integers', [10n]],
    ['nothing', [undefined]],
    ['functions', [() => NEEDLE]],
    ['objects without a key', [{}]],
    ['objects with odd keys', [{ key: null }, { key: [NEEDLE] }, { key: { a: NEEDLE } }]],
    ['the value', [NEEDLE]],
    ['names of prototypes', ['__proto__', 'constructor', 'toString']],
  ])('a path of %s refuses, and shows nothing', async (_title, path) => {
    const error = await failureOf(read(answering(() => ({ issues: [{ message: NEEDLE, path }] }))))
    expect(error.code).toBe('ERR_SCHEMA')
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, unknown]>([
    ['a description that is no schema', { type: NEEDLE }],
    ['a description with a reference to nowhere', { $ref: '#/x' }],
    ['a description that is a circle', { $ref: '#' }],
    ['a description that is no JSON', { a: 1n }],
    ['a description that throws', throwing('type')],
    ['a description that is a list', [1]],
    ['no description', null],
  ])('%s is no help and no harm', async (_title, described) => {
    const { '~standard': standard } = answering(() => ({ issues: [{ message: NEEDLE, path: ['a'] }] }))
    const schema = { '~standard': { ...standard, jsonSchema: { input: () => described } } }
    const error = await failureOf(read(schema))
    expect(error.message).toContain('/* is refused.')
    expectNoNeedle(error, NEEDLE)
  })

  test('a description that contains the value is not believed where it accepts', async () => {
    const { '~standard': standard } = answering(() => ({ issues: [{ message: NEEDLE, path: [] }] }))
    const described = { type: 'object', not: { required: [NEEDLE] } }
    const error = await failureOf(
      read({ '~standard': { ...standard, jsonSchema: { input: () => described } } } as never),
    )
    expect(error.message).toContain('(root) breaks "not".')
    expectNoNeedle(error, NEEDLE)
  })
})

describe('an answer that never comes', () => {
  const never = () => new Promise<never>(() => undefined)

  test.each<[string, StandardSchemaV1]>([
    ['of a validator', answering(never)],
    ['of a value', answering(() => ({ value: never() }))],
    ['of a refinement', z.object({ a: z.string().refine(never) })],
    ['of a transform', z.object({ a: z.string().transform(never) })],
  ])('%s is given up at the limit', async (_title, schema) => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    const limit = { clock, timeoutMs: 5_000, signal, keepAlive: true, toldMs: 5_000 }
    const decoder = new Decoder((ref, work) => withDeadline({ ...limit, ref }, work))
    const text = JSON.stringify({ a: NEEDLE })
    const failing = failureOf(decoder.decode({ text }, new DecodedValues(), { as: 'json', ref: REF, schema }))
    let isSettled = false
    void failing.then(() => (isSettled = true))
    await new Promise(setImmediate)
    clock.advance(4_999)
    await new Promise(setImmediate)
    expect(isSettled).toBe(false)
    clock.advance(1)
    const error = await failing
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: REF })
    expect(error.message).toContain('the schema did not answer in time')
    expectNoNeedle(error, NEEDLE)
  })
})
