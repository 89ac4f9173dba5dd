/** What cannot be right is told before anything is sent; what callers' functions do wrong is theirs to know. */

import { describe, expect, test } from 'vitest'
import { Rotating, isRejected } from './rig.js'

/** As JavaScript lets it be called. */
const workWith = ({ secrets }: Rotating, ...args: readonly unknown[]): unknown =>
  Reflect.apply(Reflect.get(secrets, 'withSecret') as () => unknown, secrets, args)

const never = () => {
  throw new Error('must not be run')
}

describe('an argument of the wrong type is a TypeError, and nothing is sent', () => {
  const cases: readonly (readonly [string, unknown, unknown, unknown, RegExp])[] = [
    ['no options', 'prod/db', undefined, never, /^isRejected: expected a function, got undefined$/],
    ['no predicate', 'prod/db', {}, never, /^isRejected: expected a function/],
    [
      'a predicate that is none',
      'prod/db',
      { isRejected: '28P01' },
      never,
      /^isRejected: expected a function, got string$/,
    ],
    ['options that are none', 'prod/db', isRejected, never, /^options: expected a plain object/],
    ['no use', 'prod/db', { isRejected }, undefined, /^use: expected a function, got undefined$/],
    ['a use that is none', 'prod/db', { isRejected }, {}, /^use: expected a function, got object$/],
    ['a negative window', 'prod/db', { isRejected, windowMs: -1 }, never, /^windowMs: expected/],
    ['an endless window', 'prod/db', { isRejected, windowMs: Infinity }, never, /^windowMs: expected/],
    ['a window in words', 'prod/db', { isRejected, windowMs: '1m' }, never, /^windowMs: expected/],
    ['pending that is no flag', 'prod/db', { isRejected, pending: 'yes' }, never, /^pending: expected/],
    ['a misspelt option', 'prod/db', { isRejected, windowms: 1 }, never, /unknown option "windowms"/],
    [
      'a signal that is none',
      'prod/db',
      { isRejected, signal: {} },
      never,
      /^signal: expected an AbortSignal/,
    ],
    ['pending of a parameter', 'ssm:/prod/db', { isRejected, pending: true }, never, /^pending: expected/],
    ['pending of a stage', 'prod/db:AWSPREVIOUS', { isRejected, pending: true }, never, /^pending: expected/],
    [
      'pending of a value in parts',
      'prod/db',
      { isRejected, pending: true, parts: true },
      never,
      /^pending: expected/,
    ],
    ['no reference', undefined, { isRejected }, never, /./],
  ]
  test.each(cases)('%s', async (_title, ref, options, use, message) => {
    const rig = new Rotating()
    const work: unknown = workWith(rig, ref, options, use)
    await expect(work).rejects.toThrow(TypeError)
    await expect(work).rejects.toThrow(message)
    expect(rig.asked).toBe(0)
  })

  test('a reference that cannot be', async () => {
    const rig = new Rotating()
    await expect(rig.secrets.withSecret('ssm:prod/x', { isRejected }, never)).rejects.toMatchObject({
      code: 'ERR_REFERENCE_INVALID',
    })
  })
})

describe('a predicate', () => {
  test('that throws is told, with the error that it was asked about, at once', async () => {
    const rig = new Rotating()
    rig.accepted = new Set()
    const broken = () => {
      throw new Error('a defect')
    }
    const error: unknown = await rig.secrets
      .withSecret('prod/db', { isRejected: broken }, rig.logIn)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({
      message: 'isRejected: threw when it was asked about the error that is the cause',
      cause: rig.errors[0],
    })
    expect(rig.asked).toBe(1)
    expect(rig.clock.sleeping).toBe(0)
  })

  test.each([
    ['a promise', () => Promise.resolve(false), 'a promise: it must not be async'],
    ['nothing', () => undefined, 'undefined'],
    ['a number', () => 1, 'number'],
  ])(
    'that answers %s is told too: every error would be a rejection, or none',
    async (_title, answer, type) => {
      const rig = new Rotating()
      rig.accepted = new Set()
      const work: unknown = workWith(rig, 'prod/db', { isRejected: answer }, rig.logIn)
      await expect(work).rejects.toThrow(new TypeError(`isRejected: expected true or false, got ${type}`))
      await expect(work).rejects.toHaveProperty('cause', rig.errors[0])
    },
  )

  test('is not asked about what succeeds, and holds nobody up when it throws', async () => {
    const rig = new Rotating()
    await expect(rig.secrets.withSecret('prod/db', { isRejected: never }, rig.logIn)).resolves.toBe(1)
    rig.accepted = new Set()
    const broken = rig.secrets.withSecret('prod/db', { isRejected: never }, rig.logIn)
    await expect(broken).rejects.toThrow(TypeError)
    rig.setPassword(1)
    await expect(rig.secrets.withSecret('prod/db', { isRejected }, rig.logIn)).resolves.toBe(1)
  })
})

test('a `use` that throws at once is as good as one that rejects', async () => {
  const rig = new Rotating()
  await rig.secrets.get('prod/db')
  rig.rotate()
  const use = (password: string) => {
    if (password.endsWith('-1')) throw new Error('28P01')
    return 'in'
  }
  const refused = (error: unknown) => error instanceof Error && error.message === '28P01'
  await expect(rig.secrets.withSecret('prod/db', { isRejected: refused }, use)).resolves.toBe('in')
})

const thenable = (value: number): PromiseLike<number> => {
  const promise = Promise.resolve(value)
  const own: PromiseLike<number> = { then: (...handlers) => promise.then(...handlers) }
  return own
}

test('a `use` that answers a thenable is waited for', async () => {
  const rig = new Rotating()
  const work = rig.secrets.withSecret('prod/db', { isRejected }, (password) => thenable(password.length))
  await expect(work).resolves.toBeTypeOf('number')
})
