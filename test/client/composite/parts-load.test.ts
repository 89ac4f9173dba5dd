/** All parts of a value as one: which are asked for, and what becomes of parts that do not fit. */

import { describe, expect, test } from 'vitest'
import type { LoadContext } from '../../../src/cache/launcher.js'
import { loadParts } from '../../../src/client/composite/parts-load.js'
import { splitValue } from '../../../src/decode/parts.js'
import { SecretsError, type SecretsErrorCode } from '../../../src/errors.js'
import { inParts } from '../../../src/reference/composite.js'
import { parseReference } from '../../../src/reference/parse.js'
import type { Reference } from '../../../src/reference/reference.js'
import type { StoredValue } from '../../../src/stored-value.js'
import { ManualClock, whileTimePasses } from '../../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'

const TIMEOUT_MS = 5000
const LONG = 'v'.repeat(2000)
const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/ca-AbCdEf'

type Intercept = (key: string, number: number) => StoredValue | Promise<StoredValue> | undefined

/** What is stored, by the key of each part, and the loads of it. */
function vault(ref = 'prod/ca', timeoutMs = TIMEOUT_MS) {
  const clock = new ManualClock()
  const stored = new Map<string, string>()
  const asked: string[] = []
  const attempts = { count: 0 }
  const controller = new AbortController()
  const hook: { intercept: Intercept } = { intercept: () => undefined }
  const context: LoadContext = {
    signal: controller.signal,
    isProbe: false,
    isBackground: false,
    onAttempt: () => (attempts.count += 1),
  }
  const loadPart = async ({ key, ref: name }: Reference, one: LoadContext): Promise<StoredValue> => {
    asked.push(key)
    one.onAttempt()
    one.signal.throwIfAborted()
    const given = hook.intercept(key, asked.length)
    if (given !== undefined) return given
    const text = stored.get(key)
    if (text === undefined) throw new SecretsError('ERR_NOT_FOUND', { ref: name, what: 'none', attempts: 1 })
    return { text, name: 'prod/ca', arn: ARN, versionId: `v of ${key}`, createdAt: new Date(5) }
  }
  const put = (value: string | Uint8Array, maxPartBytes = 1024) => {
    for (const { name, text } of splitValue('prod/ca', value, { maxPartBytes })) stored.set(name, text)
  }
  const load = () => loadParts(inParts(parseReference(ref)), { clock, timeoutMs, load: loadPart }, context)
  const loaded = () => whileTimePasses(clock, load(), 10)
  return { clock, stored, asked, attempts, controller, hook, put, load, loaded }
}

const failing = (code: SecretsErrorCode, ref: string) =>
  new SecretsError(code, { ref, what: 'it failed', hint: 'Do this.', attempts: 2, requestId: 'r-1' })

describe('a value in parts', () => {
  test('is put together, with the provenance of its first part', async () => {
    const { put, loaded, asked, attempts } = vault()
    put(LONG)
    await expect(loaded()).resolves.toEqual({
      text: LONG,
      name: 'prod/ca',
      arn: ARN,
      versionId: 'v of prod/ca',
      createdAt: new Date(5),
    })
    expect(asked).toEqual(['prod/ca', 'prod/ca.part2', 'prod/ca.part3'])
    expect(attempts.count).toBe(1)
  })

  test('of one part takes one request', async () => {
    const { put, loaded, asked } = vault()
    put('short')
    await expect(loaded()).resolves.toMatchObject({ text: 'short' })
    expect(asked).toEqual(['prod/ca'])
  })

  test('of bytes is bytes, and has no text', async () => {
    const { put, loaded } = vault()
    const bytes = new Uint8Array(2000).fill(0xfe)
    put(bytes)
    const value = await loaded()
    expect(value.bytes).toStrictEqual(bytes)
    expect(value).not.toHaveProperty('text')
  })

  test('by its ARN has parts by the partial ARNs of their names', async () => {
    const { put, stored, loaded, asked } = vault(ARN)
    put('x'.repeat(1000))
    stored.set(ARN, stored.get('prod/ca') ?? '')
    const second = ARN.replace('-AbCdEf', '.part2')
    stored.set(second, stored.get('prod/ca.part2') ?? '')
    await expect(loaded()).resolves.toMatchObject({ text: 'x'.repeat(1000) })
    expect(asked).toEqual([ARN, second])
  })

  test('leaves parts of a longer one before alone', async () => {
    const { put, loaded, asked } = vault()
    put(LONG)
    put('short')
    await expect(loaded()).resolves.toMatchObject({ text: 'short' })
    expect(asked).toEqual(['prod/ca'])
  })

  test('leaves no timer behind', async () => {
    const { put, loaded, clock } = vault()
    put(LONG)
    await loaded()
    expect(clock.sleeping).toBe(0)
  })
})

describe('parts that are just being written', () => {
  test('are read again until they fit', async () => {
    const { put, stored, loaded, hook, attempts } = vault()
    put(LONG)
    const before = new Map(stored)
    put('w'.repeat(2000))
    const after = new Map(stored)
    for (const [name, text] of before) stored.set(name, text)
    stored.set('prod/ca.part3', after.get('prod/ca.part3') ?? '')
    hook.intercept = (_key, number) => {
      if (number === 7) for (const [name, text] of after) stored.set(name, text)
      return undefined
    }
    await expect(loaded()).resolves.toMatchObject({ text: 'w'.repeat(2000) })
    // The value is as old as the first part of the round that fitted.
    expect(attempts.count).toBe(3)
  })

  test('that never fit are given up after 1.5 s, to be tried again later', async () => {
    const { put, stored, loaded, asked, clock } = vault()
    put(LONG)
    const old = stored.get('prod/ca.part2') ?? ''
    put(LONG)
    stored.set('prod/ca.part2', old)
    await expect(loaded()).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      ref: 'prod/ca',
      retryable: true,
      message: expect.stringContaining('not of one generation') as string,
    })
    expect(asked).toHaveLength(5 * 3)
    expect(clock.mono).toBe(1500)
    expect(clock.sleeping).toBe(0)
  })

  test.each([
    ['is missing', (stored: Map<string, string>) => void stored.delete('prod/ca.part2')],
    [
      'has changed places with another',
      (stored: Map<string, string>) => {
        const [two = '', three = ''] = [stored.get('prod/ca.part2'), stored.get('prod/ca.part3')]
        stored.set('prod/ca.part2', three)
        stored.set('prod/ca.part3', two)
      },
    ],
    [
      'is that of a foreign value',
      (stored: Map<string, string>) => {
        const [foreign] = splitValue('x', LONG, { maxPartBytes: 1024 }).slice(1)
        stored.set('prod/ca.part2', foreign?.text ?? '')
      },
    ],
  ])('one that %s is looked for again, and then no value', async (_title, change) => {
    const { put, stored, loaded, asked } = vault()
    put(LONG)
    change(stored)
    await expect(loaded()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true })
    expect(asked).toHaveLength(15)
  })

  test('are no longer waited for than there is time', async () => {
    const { put, stored, loaded, clock } = vault('prod/ca', 250)
    put(LONG)
    stored.delete('prod/ca.part3')
    await expect(loaded()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', ref: 'prod/ca', retryable: true })
    expect(clock.mono).toBe(250)
  })
})

describe('what is no part', () => {
  test('the first: is not waited for', async () => {
    const { stored, loaded, asked } = vault()
    stored.set('prod/ca', NEEDLE)
    const failure: unknown = await loaded().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_DECODE', ref: 'prod/ca', retryable: false })
    expect(asked).toHaveLength(1)
    expectNoNeedle(failure, NEEDLE)
  })

  test('another: is named', async () => {
    const { put, stored, loaded } = vault()
    put(LONG)
    stored.set('prod/ca.part2', NEEDLE)
    const failure: unknown = await loaded().catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'ERR_DECODE',
      ref: 'prod/ca',
      message: expect.stringContaining('prod/ca.part2') as string,
    })
    expectNoNeedle(failure, NEEDLE)
  })

  test('one that was edited by hand: the sum tells, without a second look', async () => {
    const { put, stored, loaded, asked } = vault()
    put(NEEDLE.repeat(60))
    stored.set('prod/ca.part2', `${stored.get('prod/ca.part2') ?? ''}\n`)
    const failure: unknown = await loaded().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_DECODE', ref: 'prod/ca', retryable: false })
    expect(new Set(asked).size).toBe(asked.length)
    expectNoNeedle(failure, NEEDLE)
  })
})

describe('a failure', () => {
  test('of the first part is that of the value', async () => {
    const { loaded } = vault()
    await expect(loaded()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', ref: 'prod/ca' })
  })

  test.each([
    'ERR_ACCESS_DENIED',
    'ERR_THROTTLED',
    'ERR_DECRYPT',
    'ERR_UNAVAILABLE',
    'ERR_RESPONSE_MISMATCH',
  ] as const)('of another part names it: %s', async (code) => {
    const { put, loaded, hook } = vault()
    put(LONG)
    const failure = failing(code, 'prod/ca.part2')
    hook.intercept = (key) => (key === 'prod/ca.part2' ? Promise.reject(failure) : undefined)
    await expect(loaded()).rejects.toMatchObject({
      code,
      ref: 'prod/ca',
      what: 'the part prod/ca.part2: it failed',
      hint: 'Do this.',
      attempts: 2,
      requestId: 'r-1',
      retryable: failure.retryable,
    })
  })

  test('a part that never answers: the deadline is that of all together', async () => {
    const { put, loaded, hook, clock } = vault()
    put(LONG)
    hook.intercept = (key) => (key === 'prod/ca.part3' ? new Promise(() => undefined) : undefined)
    await expect(loaded()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', ref: 'prod/ca' })
    expect(clock.mono).toBe(TIMEOUT_MS)
    expect(clock.sleeping).toBe(0)
  })

  test.each(['while a part is loaded', 'while it is waited for'])(
    'an abort %s is told as it is',
    async (when) => {
      const { put, stored, load, hook, controller, clock } = vault()
      put(LONG)
      const reason = new Error('left')
      if (when === 'while a part is loaded') {
        hook.intercept = (key) => (key === 'prod/ca.part3' ? new Promise(() => undefined) : undefined)
      } else {
        stored.delete('prod/ca.part3')
      }
      const loading = load()
      await new Promise(setImmediate)
      controller.abort(reason)
      await expect(loading).rejects.toBe(reason)
      expect(clock.sleeping).toBe(0)
    },
  )
})
