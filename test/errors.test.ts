import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  SecretsError,
  type SecretsErrorCode,
  errorForCaller,
  errorWith,
  isSecretsError,
} from '../src/errors.js'

const full = new SecretsError('ERR_THROTTLED', {
  ref: 'prod/db',
  what: 'the service is throttling requests',
  hint: 'Read fewer at once.',
  attempts: 3,
  requestId: 'f3b6',
})

describe('SecretsError', () => {
  test('its message has reference, what happened and what to do next', () => {
    expect(full.message).toBe('prod/db: the service is throttling requests. Read fewer at once.')
    expect(new SecretsError('ERR_CLOSED', { what: 'the client is closed' }).message).toBe(
      'the client is closed.',
    )
  })

  test('members that are unknown are absent', () => {
    const error = new SecretsError('ERR_CLOSED', { what: 'the client is closed' })
    expect(Object.keys(error).sort()).toEqual(['attempts', 'code', 'retryable'])
    expect(error).toMatchObject({ attempts: 0, retryable: false })
    expect(error.hint).toBeUndefined()
  })

  test('is printed with its facts, and the hint once', () => {
    const printed = inspect(full)
    expect(printed).toMatch(/^SecretsError: prod\/db: /)
    expect(printed).toContain("code: 'ERR_THROTTLED'")
    expect(printed.split('Read fewer at once.')).toHaveLength(2)
  })

  test('becomes plain data in a structured log', () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({
      name: 'SecretsError',
      code: 'ERR_THROTTLED',
      message: full.message,
      ref: 'prod/db',
      retryable: true,
      attempts: 3,
      requestId: 'f3b6',
      hint: 'Read fewer at once.',
    })
  })

  test('tells in a structured log how long to wait, and what failed of several', () => {
    const error = new SecretsError('ERR_LOAD', {
      what: '1 of 2 references failed',
      retryAfterMs: 1_500,
      errors: Object.freeze({ 'prod/db': full }),
    })
    expect(error).toMatchObject({ retryAfterMs: 1_500, errors: { 'prod/db': full } })
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: 'ERR_LOAD',
      retryAfterMs: 1_500,
      errors: { 'prod/db': { name: 'SecretsError', code: 'ERR_THROTTLED', attempts: 3, ref: 'prod/db' } },
    })
  })

  test('the facts decide whether it may pass where the code does not', () => {
    expect(new SecretsError('ERR_CREDENTIALS', { what: 'x', retryable: true }).retryable).toBe(true)
    expect(new SecretsError('ERR_THROTTLED', { what: 'x', retryable: false }).retryable).toBe(false)
  })

  test.each<[SecretsErrorCode, boolean]>([
    ['ERR_THROTTLED', true],
    ['ERR_TIMEOUT', true],
    ['ERR_UNAVAILABLE', true],
    ['ERR_NOT_FOUND', false],
    ['ERR_ACCESS_DENIED', false],
    ['ERR_CREDENTIALS', false],
    ['ERR_DECODE', false],
  ])('%s is retryable: %s', (code, retryable) => {
    expect(new SecretsError(code, { what: 'x' }).retryable).toBe(retryable)
  })
})

describe('isSecretsError', () => {
  test('tells ours from others, and one code from another', () => {
    expect(isSecretsError(full)).toBe(true)
    expect(isSecretsError(full, 'ERR_THROTTLED')).toBe(true)
    expect(isSecretsError(full, 'ERR_NOT_FOUND')).toBe(false)
  })

  test.each([undefined, null, 'ERR_THROTTLED', 7, {}, new Error('no'), { code: 'ERR_THROTTLED' }])(
    '%o is none',
    (other) => {
      expect(isSecretsError(other)).toBe(false)
    },
  )

  test('looks at nothing that throws when it is looked at', () => {
    const fail = () => {
      throw new Error('hostile')
    }
    expect(isSecretsError(new Proxy({}, { has: fail, get: fail }))).toBe(false)
  })

  test('knows an error of another copy of the library', () => {
    const brand = Symbol.for('aws-secrets-client.SecretsError')
    const foreign = Object.assign(new Error('x'), { code: 'ERR_NOT_FOUND', [brand]: true })
    expect(isSecretsError(foreign, 'ERR_NOT_FOUND')).toBe(true)
  })
})

describe('errorForCaller', () => {
  test('keeps to its own words where something else formats stacks', () => {
    for (const stack of [undefined, '', 'no line break', { frames: [] }]) {
      expect(errorForCaller(full, { ref: 'prod/db', attempts: 1, site: { stack } }).stack).toBe(
        `SecretsError: ${full.message}`,
      )
    }
  })
})

describe('errorWith', () => {
  const everything = new SecretsError('ERR_CREDENTIALS', {
    ref: 'prod/db',
    what: 'the credentials are expired',
    hint: 'Renew them.',
    attempts: 3,
    requestId: 'f3b6',
    retryable: true,
    retryAfterMs: 2_000,
    errors: { a: full },
  })

  test('gives the same facts another reference and number of requests, as an error of its own', () => {
    const other = errorWith(everything, { ref: 'prod/db#password', attempts: 1 })
    expect(other).not.toBe(everything)
    expect(other.toJSON()).toEqual({
      ...everything.toJSON(),
      ref: 'prod/db#password',
      attempts: 1,
      message: 'prod/db#password: the credentials are expired. Renew them.',
    })
    expect(everything).toMatchObject({ ref: 'prod/db', attempts: 3 })
  })

  test('adds no reference to an error that is about none', () => {
    const closed = new SecretsError('ERR_CLOSED', { what: 'the client is closed' })
    const other = errorWith(closed, { ref: 'prod/db', attempts: 2 })
    expect(other.message).toBe('the client is closed.')
    expect(Object.keys(other).sort()).toEqual(['attempts', 'code', 'retryable'])
  })
})

describe('a polluted Object.prototype', () => {
  const FACTS = ['ref', 'requestId', 'retryAfterMs', 'versionId', 'version', 'errors', 'hint', 'retryable']

  test.each(FACTS)('%s is no fact of an error, nor of one that is made of it', (name) => {
    const error = new SecretsError('ERR_CLOSED', { what: 'the client is closed' })
    const plain = JSON.stringify(error)
    const descriptor: PropertyDescriptor = { value: 'polluted', configurable: true, writable: true }
    Reflect.defineProperty(Object.prototype, name, descriptor)
    try {
      const made = new SecretsError('ERR_CLOSED', { what: 'the client is closed' })
      const copied = errorWith(made, { ref: 'a', attempts: 0 })
      expect([error, made, copied].map((one) => JSON.stringify(one))).toEqual([plain, plain, plain])
      expect(Reflect.get(copied, name)).not.toBe('polluted')
    } finally {
      Reflect.deleteProperty(Object.prototype, name)
    }
  })
})
