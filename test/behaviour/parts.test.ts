/** A value that is split over several secrets or parameters, written with the SDK as a user would and read back. */

import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { LabelParameterVersionCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SecretsClient, splitValue } from '../../src/index.js'
import type { Reference } from '../../src/reference/reference.js'
import { failureOf, useAws } from '../support/aws.js'
import { FakeSource } from '../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const WINDOW = 60_000
const VERSION_ID = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'
const aws = useAws()

/** So long that it takes three parts of 1024 bytes. */
const long = (text: string) => text.repeat(Math.ceil(1600 / text.length))
const OLD = long('old ')
const NEW = long('new ')
const parts = (name: string, value: string | Uint8Array, maxPartBytes = 1024) =>
  splitValue(name, value, { maxPartBytes })

/** Puts parts where the emulator has them, in one go. */
function store(name: string, value: string | Uint8Array, maxPartBytes = 1024): void {
  for (const part of parts(name, value, maxPartBytes)) storeOne(part)
}

function storeOne({ name, text }: { readonly name: string; readonly text: string }): void {
  aws().emulator.seed(name.startsWith('/') ? { parameters: { [name]: text } } : { secrets: { [name]: text } })
}

/** A client whose secrets are in a map, which holds the parts of a value. */
function faked(name: string, value: string) {
  const stored = new Map(parts(name, value).map((part) => [part.name, part.text]))
  const source = new FakeSource(({ name: asked = '' }: Reference) => {
    const text = stored.get(asked)
    if (text === undefined) throw Object.assign(new Error('none'), { name: 'ResourceNotFoundException' })
    return { text, name: asked, versionId: `v of ${asked}` }
  })
  const clock = new ManualClock()
  const secrets = new SecretsClient({ sources: [source], clock })
  return { stored, source, clock, secrets }
}

describe('what the SDK has written as splitValue() gives it', () => {
  const read = { parts: true } as const

  test.each([
    ['a long text', 'é€😀x\n'.repeat(20_000)],
    ['a short text', 'short'],
    ['the empty text', ''],
    ['bytes', new Uint8Array(100_000).map((_none, at) => at % 251)],
  ])('is read from secrets: %s', async (_title, value) => {
    const { emulator, sdk, secrets } = aws()
    const { secretsManager } = sdk(1)
    for (const { name, text } of splitValue('prod/ca-bundle', value)) {
      await secretsManager.send(new CreateSecretCommand({ Name: name, SecretString: 'nothing yet' }))
      await secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }))
    }
    const as = typeof value === 'string' ? 'text' : 'bytes'
    expect(await secrets.get('prod/ca-bundle', { ...read, as })).toEqual(value)
    expect(emulator.count('GetSecretValue')).toBeGreaterThan(0)
  })

  test.each([
    ['String', 4096],
    ['SecureString', 4096],
    ['String', 8192],
  ] as const)('is read from %s parameters of %i bytes', async (Type, maxPartBytes) => {
    const { sdk, secrets, calls } = aws()
    const value = 'é€😀x\n'.repeat(3000)
    const Tier = maxPartBytes === 8192 ? ('Advanced' as const) : ('Standard' as const)
    const split = splitValue('/prod/ca-bundle', value, { maxPartBytes })
    for (const { name, text } of split) {
      await sdk(1).ssm.send(new PutParameterCommand({ Name: name, Value: text, Type, Tier }))
    }
    calls()
    await expect(secrets.get('ssm:/prod/ca-bundle', { ...read })).resolves.toBe(value)
    // The first one says how many there are; the others share requests for ten.
    expect(calls()).toBe(1 + Math.ceil((split.length - 1) / 10))
  })

  test('is not read without saying so, or somebody would take one part for the whole', async () => {
    store('prod/ca', OLD)
    const { secrets } = aws()
    for (const as of ['text', 'bytes', 'json', 'list'] as const) {
      await expect(secrets.get('prod/ca', { as })).rejects.toMatchObject({
        code: 'ERR_DECODE',
        hint: expect.stringContaining('{ parts: true }') as string,
      })
    }
    await expect(secrets.get('prod/ca', read)).resolves.toBe(OLD)
  })

  test('may itself begin like a part, and so may a value that is none', async () => {
    const { secrets, emulator } = aws()
    const text = 'aws-secrets-client/part numbers are in the wiki'
    emulator.seed({ secrets: { 'prod/wiki': text } })
    await expect(secrets.get('prod/wiki')).resolves.toBe(text)
    const [whole] = splitValue('prod/inner', 'inner').map((part) => part.text)
    store('prod/ca', whole ?? '')
    await expect(secrets.get('prod/ca', read)).resolves.toBe(whole)
  })
})

describe('a value in parts', () => {
  test('is decoded like any other: JSON, a field, a list, a schema, a default', async () => {
    const { secrets, calls } = aws()
    const value = { user: 'app', hosts: 'a,b', filler: 'x'.repeat(2000) }
    store('prod/db', JSON.stringify(value))
    await expect(secrets.get('prod/db', { parts: true, as: 'json' })).resolves.toEqual(value)
    await expect(secrets.get('prod/db#user', { parts: true })).resolves.toBe('app')
    await expect(secrets.get('prod/db#/hosts', { parts: true, as: 'list' })).resolves.toEqual(['a', 'b'])
    const schema = z.object({ user: z.string() })
    await expect(secrets.get('prod/db', { parts: true, schema })).resolves.toEqual({ user: 'app' })
    await expect(secrets.get('prod/db#none', { parts: true, default: 1 })).resolves.toBe(1)
    await expect(secrets.get('prod/none', { parts: true, default: 2 })).resolves.toBe(2)
    await expect(secrets.get('prod/db#none', { parts: true })).rejects.toMatchObject({
      code: 'ERR_FIELD_NOT_FOUND',
      ref: 'prod/db#none',
    })
    expect(calls('GetSecretValue')).toBeLessThanOrEqual(3)
  })

  test('of bytes is bytes, a copy for each', async () => {
    const bytes = new Uint8Array(2000).fill(0xfe)
    store('prod/key', bytes)
    const [one, other] = await Promise.all(
      [0, 1].map(() => aws().secrets.get('prod/key', { parts: true, as: 'bytes' })),
    )
    expect(one).toStrictEqual(bytes)
    one?.fill(0)
    expect(other).toStrictEqual(bytes)
    await expect(aws().secrets.get('prod/key', { parts: true })).rejects.toMatchObject({ code: 'ERR_DECODE' })
  })

  test('is read with where its first part comes from', async () => {
    const { secrets, clock } = aws()
    store('prod/ca', OLD)
    const read = await secrets.read('prod/ca', { parts: true })
    expect(read).toMatchObject({
      value: OLD,
      ref: 'prod/ca',
      name: 'prod/ca',
      arn: expect.stringMatching(/:secret:prod\/ca-\w{6}$/) as string,
      versionId: expect.any(String) as string,
      stale: false,
      isDefault: false,
    })
    expect(read.fetchedAt.getTime()).toBe(clock.now())
  })

  test('is one entry of its own', async () => {
    const { secrets, calls } = aws()
    store('prod/ca', OLD)
    await secrets.get('prod/ca', { parts: true })
    expect(secrets.stats()).toMatchObject({ entries: 1, bytes: OLD.length })
    calls()
    await secrets.get('prod/ca', { parts: true })
    expect(calls()).toBe(0)
  })

  test('is shared by hundreds of callers', async () => {
    const { secrets, calls } = aws()
    store('prod/ca', OLD)
    const all = await Promise.all(Array.from({ length: 300 }, () => secrets.get('prod/ca', { parts: true })))
    expect(new Set(all)).toEqual(new Set([OLD]))
    expect(calls()).toBe(2)
  })

  test('is told in events as its reference, whichever keys the client has inside', async () => {
    const { secrets, events } = aws().observe()
    store('prod/ca', OLD)
    await secrets.get('prod/ca', { parts: true })
    await secrets.get('prod/ca', { parts: true })
    const refs = events.flatMap((event) => ('ref' in event ? [event.ref] : []))
    expect(refs.length).toBeGreaterThan(0)
    for (const ref of refs) expect(ref).toMatch(/^prod\/ca(?: in parts)?$/)
    expectNoNeedle(events, 'old old old old old')
  })

  test('can be boxed, and is scrubbed', async () => {
    const { secrets } = aws()
    store('prod/ca', NEEDLE)
    const boxed = await secrets.get('prod/ca', { parts: true, redacted: true })
    expectNoNeedle(boxed, NEEDLE)
    expect(boxed.reveal()).toBe(NEEDLE)
    expect(secrets.scrub(`it is ${NEEDLE}`)).toBe('it is [redacted]')
  })
})

describe('names', () => {
  test.each(['prod/ca', 'prod/ca-AbCdEf', 'ca', '/prod/ca', 'a.part2'])('%s', async (name) => {
    const ref = name.startsWith('/') ? `ssm:${name}` : name
    store(name, OLD)
    await expect(aws().secrets.get(ref, { parts: true })).resolves.toBe(OLD)
  })

  test('that hold each other’s parts are told apart', async () => {
    store('x', OLD)
    store('x.part2.part2', 'other')
    await expect(aws().secrets.get('x', { parts: true })).resolves.toBe(OLD)
    await expect(aws().secrets.get('x.part2.part2', { parts: true })).resolves.toBe('other')
  })

  test('the full ARN of a secret, and a partial one', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    const { arn = '' } = await secrets.read('prod/ca', { parts: true })
    expect(arn).toMatch(/-[A-Za-z0-9]{6}$/)
    await expect(secrets.get(arn, { parts: true })).resolves.toBe(OLD)
    await expect(secrets.get(arn.slice(0, -7), { parts: true })).resolves.toBe(OLD)
    await expect(secrets.get({ arn, versionStage: 'AWSCURRENT' }, { parts: true })).resolves.toBe(OLD)
  })

  test('the ARN of a parameter', async () => {
    const { secrets } = aws()
    store('/prod/ca', OLD)
    const { arn = '' } = await secrets.read('ssm:/prod/ca', { parts: true })
    await expect(secrets.get(arn, { parts: true })).resolves.toBe(OLD)
  })

  test('a secret through Parameter Store', async () => {
    store('prod/ca', OLD)
    const ref = 'ssm:/aws/reference/secretsmanager/prod/ca'
    await expect(aws().secrets.get(ref, { parts: true })).resolves.toBe(OLD)
  })
})

describe('versions', () => {
  test('a stage is that of every part', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    store('prod/ca', NEW)
    await expect(secrets.get('prod/ca:AWSPREVIOUS', { parts: true })).resolves.toBe(OLD)
    await expect(secrets.get('prod/ca', { parts: true })).resolves.toBe(NEW)
  })

  test('a label is that of every part', async () => {
    const { secrets, sdk } = aws()
    store('/prod/ca', OLD)
    for (const { name } of parts('/prod/ca', OLD)) {
      await sdk(1).ssm.send(
        new LabelParameterVersionCommand({ Name: name, ParameterVersion: 1, Labels: ['blue'] }),
      )
    }
    store('/prod/ca', NEW)
    await expect(secrets.get('ssm:/prod/ca:blue', { parts: true })).resolves.toBe(OLD)
    await expect(secrets.get('ssm:/prod/ca', { parts: true })).resolves.toBe(NEW)
  })

  test.each([`prod/ca:${VERSION_ID}`, 'ssm:/prod/ca:1'])(
    '%s is refused: each part has another',
    async (ref) => {
      const { secrets, calls } = aws()
      const expected = { code: 'ERR_REFERENCE_INVALID', ref }
      await expect(secrets.get(ref, { parts: true })).rejects.toMatchObject(expected)
      await expect(secrets.read(ref, { parts: true })).rejects.toMatchObject(expected)
      await expect(secrets.refresh(ref, { parts: true })).rejects.toMatchObject(expected)
      await expect(secrets.watch(ref, { parts: true }).next()).rejects.toMatchObject(expected)
      expect(calls()).toBe(0)
    },
  )
})

describe('while a new value is being written', () => {
  test('the old one is served where it is cached, until the last part is there', async () => {
    const { secrets, passing, clock } = aws()
    store('prod/ca', OLD)
    await secrets.get('prod/ca', { parts: true })
    for (const part of parts('prod/ca', NEW)) {
      clock.advance(TTL + WINDOW + 1)
      await expect(passing(secrets.read('prod/ca', { parts: true }))).resolves.toMatchObject({ value: OLD })
      storeOne(part)
    }
    clock.advance(TTL + WINDOW + 1)
    await expect(passing(secrets.read('prod/ca', { parts: true }))).resolves.toMatchObject({
      value: NEW,
      stale: false,
    })
    expect(secrets.stats().staleOnError).toBeGreaterThan(0)
  })

  test('whoever has nothing waits a little and gets the new one', async () => {
    const { stored, clock, secrets, source } = faked('prod/ca', OLD)
    const split = parts('prod/ca', NEW)
    for (const { name, text } of split.slice(0, -1)) stored.set(name, text)
    const asked = secrets.get('prod/ca', { parts: true })
    await pass(clock, 300)
    expect(source.asked.length).toBeGreaterThan(3)
    for (const { name, text } of split) stored.set(name, text)
    await expect(whileTimePasses(clock, asked)).resolves.toBe(NEW)
    expect(clock.sleeping).toBe(0)
  })

  test('or an error that says so, which may be tried again', async () => {
    const { stored, clock, secrets } = faked('prod/ca', OLD)
    const [last] = parts('prod/ca', NEW)
    stored.set(last?.name ?? '', last?.text ?? '')
    const failure = await failureOf(whileTimePasses(clock, secrets.get('prod/ca', { parts: true })))
    expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', ref: 'prod/ca', retryable: true })
    expect(String(failure)).toContain('not of one generation')
    expect(clock.mono).toBeGreaterThanOrEqual(1500)
    expect(clock.mono).toBeLessThan(5000)
  })

  test('a shorter one needs its first part only, a longer one all', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    store('prod/ca', 'short')
    await expect(secrets.get('prod/ca', { parts: true, fresh: true })).resolves.toBe('short')
    store('prod/ca', long('longer ') + NEW)
    await expect(secrets.get('prod/ca', { parts: true, fresh: true })).resolves.toBe(long('longer ') + NEW)
  })
})

describe('parts that are not as they were written', () => {
  test.each([
    ['missing', (stored: Map<string, string>) => void stored.delete('prod/ca.part2'), 'ERR_UNAVAILABLE'],
    [
      'swapped',
      (stored: Map<string, string>) => {
        const [two = '', three = ''] = [stored.get('prod/ca.part2'), stored.get('prod/ca.part3')]
        stored.set('prod/ca.part2', three).set('prod/ca.part3', two)
      },
      'ERR_UNAVAILABLE',
    ],
    [
      'of another value',
      (stored: Map<string, string>) => {
        stored.set('prod/ca.part2', parts('x', NEW).at(-2)?.text ?? '')
      },
      'ERR_UNAVAILABLE',
    ],
    ['no parts', (stored: Map<string, string>) => void stored.set('prod/ca.part2', NEEDLE), 'ERR_DECODE'],
    ['no first part', (stored: Map<string, string>) => void stored.set('prod/ca', NEEDLE), 'ERR_DECODE'],
    [
      'edited',
      (stored: Map<string, string>) => {
        stored.set('prod/ca.part2', (stored.get('prod/ca.part2') ?? '').replace(/old $/, NEEDLE))
      },
      'ERR_DECODE',
    ],
  ])('%s: are no value', async (_title, change, code) => {
    const { stored, clock, secrets } = faked('prod/ca', OLD)
    change(stored)
    const failure = await failureOf(whileTimePasses(clock, secrets.get('prod/ca', { parts: true })))
    expect(failure).toMatchObject({ code, ref: 'prod/ca' })
    expectNoNeedle(failure, NEEDLE)
    expect(secrets.stats().entries).toBe(0)
  })

  test('a part that is denied is named with what to allow', async () => {
    const { emulator, secrets } = aws()
    store('prod/ca', OLD)
    emulator.deny('secretsmanager:GetSecretValue', 'prod/ca.part2')
    const failure = await failureOf(secrets.get('prod/ca', { parts: true }))
    expect(failure).toMatchObject({ code: 'ERR_ACCESS_DENIED', ref: 'prod/ca' })
    expect(String(failure)).toContain('the part prod/ca.part2')
    expect(String(failure)).toContain('secret:prod/ca.part2-??????')
  })
})

describe('what is cached', () => {
  test.each(['prod/ca', '/prod/ca'])('invalidate and refresh reach it: %s', async (name) => {
    const { secrets, calls } = aws()
    const ref = name.startsWith('/') ? `ssm:${name}` : name
    store(name, OLD)
    await secrets.get(ref, { parts: true })
    store(name, NEW)
    secrets.invalidate(ref)
    await expect(secrets.get(ref, { parts: true })).resolves.toBe(NEW)
    store(name, OLD)
    await expect(secrets.refresh(ref, { parts: true })).resolves.toMatchObject({ changed: true })
    calls()
    await expect(secrets.get(ref, { parts: true })).resolves.toBe(OLD)
    expect(calls()).toBe(0)
    await expect(secrets.refresh(ref, { parts: true })).resolves.toMatchObject({ changed: false })
    secrets.invalidate()
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })

  test('invalidate reaches it by whichever of its names it was read', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    const { arn = '' } = await secrets.read('prod/ca', { parts: true })
    for (const [read, named] of [
      ['prod/ca', arn],
      [arn, 'prod/ca'],
    ] as const) {
      store('prod/ca', OLD)
      await secrets.get(read, { parts: true, fresh: true })
      store('prod/ca', NEW)
      secrets.invalidate(named)
      await expect(secrets.get(read, { parts: true })).resolves.toBe(NEW)
    }
  })

  test('refresh and invalidate reach it by the names of its parts too', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    await secrets.get('prod/ca', { parts: true })
    store('prod/ca', NEW)
    await expect(secrets.refresh('prod/ca')).resolves.toMatchObject({ changed: true })
    await expect(secrets.get('prod/ca', { parts: true })).resolves.toBe(NEW)
    store('prod/ca', OLD)
    secrets.invalidate('prod/ca.part2')
    await expect(secrets.get('prod/ca', { parts: true })).resolves.toBe(OLD)
  })

  test('the same text, written anew, is another version of the same', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    const before = await secrets.read('prod/ca', { parts: true })
    store('prod/ca', OLD)
    await expect(secrets.refresh('prod/ca', { parts: true })).resolves.toMatchObject({ changed: true })
    const after = await secrets.read('prod/ca', { parts: true })
    expect(after.value).toBe(before.value)
    expect(after.versionId).not.toBe(before.versionId)
  })

  test('is watched', async () => {
    const { secrets } = aws()
    store('prod/ca', OLD)
    const watching = secrets.watch('prod/ca', { parts: true })
    await expect(watching.next()).resolves.toMatchObject({ value: { value: OLD } })
    store('prod/ca', NEW)
    await secrets.refresh('prod/ca', { parts: true })
    await expect(watching.next()).resolves.toMatchObject({ value: { value: NEW } })
    await watching.return()
  })

  test('a part that is gone is remembered as such', async () => {
    const { secrets, calls } = aws()
    await failureOf(secrets.get('prod/none', { parts: true }))
    calls()
    await expect(secrets.get('prod/none', { parts: true })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      attempts: 0,
    })
    expect(calls()).toBe(0)
  })
})

describe('ends', () => {
  test('the deadline is that of all parts together', async () => {
    const { stored, clock, secrets, source } = faked('prod/ca', OLD)
    source.answer(async ({ name = '' }) => {
      await clock.sleep(name === 'prod/ca' ? 1900 : Infinity)
      return { text: stored.get(name) ?? '', name }
    })
    const failure = await failureOf(whileTimePasses(clock, secrets.get('prod/ca', { parts: true })))
    expect(failure).toMatchObject({ code: 'ERR_TIMEOUT', ref: 'prod/ca', retryable: true })
    expect(clock.mono).toBe(5000)
  })

  test.each(['abort', 'close'])('%s in the middle', async (how) => {
    const { stored, clock, secrets, source } = faked('prod/ca', OLD)
    stored.delete('prod/ca.part3')
    const controller = new AbortController()
    const asked = failureOf(secrets.get('prod/ca', { parts: true, signal: controller.signal }))
    await pass(clock, 50)
    const before = source.asked.length
    expect(before).toBe(3)
    if (how === 'abort') controller.abort('left')
    else await secrets.close()
    const failure = await asked
    if (how === 'abort') expect(failure).toBe('left')
    else expect(failure).toMatchObject({ code: 'ERR_CLOSED' })
    await pass(clock, 3000)
    expect(source.asked).toHaveLength(before)
    expect(clock.sleeping).toBe(0)
  })
})
