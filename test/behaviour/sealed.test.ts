/** A client with `seal: true` does what every client does, keeps no value in the clear and wipes what it lets go of. */

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { type SecretsClient, type SecretsClientOptions, splitValue } from '../../src/index.js'
import { SealedPayload } from '../../src/redact/seal.js'
import { failureOf, outcomeOf, useAws } from '../support/aws.js'
import { FakeSource, deferred, textSecret } from '../support/fake-source.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()

const seed = (secrets: Readonly<Record<string, string | object>>) => {
  aws().emulator.seed({ secrets })
}
const storeParts = (value: string) => {
  for (const { name, text } of splitValue('prod/ca', value, { maxPartBytes: 1024 })) seed({ [name]: text })
}
const late = () => {
  aws().clock.advance(TTL + WINDOW + 1)
}
const passing = <T>(work: Promise<T>) => aws().passing(work)
/** What a read tells but ids, ARNs and times, which are the emulator's own. */
const told = async (secrets: SecretsClient, ref: string, options = {}) => {
  const { value, stale, isDefault } = await passing(secrets.read(ref, options))
  return { value, stale, isDefault }
}

const schema = { type: 'object', properties: { user: { type: 'string' } }, required: ['user'] } as const
const User = z.object({ user: z.string().toUpperCase() })
const DB = { user: 'app', port: 5432, hosts: ['a', 'b'], big: 1 }

/** Scenes whose outcome must not depend on whether the client seals. */
const SCENES: readonly (readonly [string, (secrets: SecretsClient) => Promise<unknown>])[] = [
  [
    'text, twice, and text of nothing or of half a character',
    async (secrets) => {
      seed({ 'prod/db': 'é€😀', empty: ' ' })
      return [await secrets.get('prod/db'), await secrets.get('prod/db'), await secrets.get('empty')]
    },
  ],
  [
    'bytes, of bytes and of text',
    async (secrets) => {
      aws().emulator.seed({ secrets: { key: Uint8Array.of(0, 255, 7), text: 'é' } })
      const bytes = [0, 1].map(() => secrets.get('key', { as: 'bytes' }))
      const refused = await outcomeOf(secrets.get('key'))
      return [await Promise.all(bytes), await secrets.get('text', { as: 'bytes' }), refused]
    },
  ],
  [
    'JSON, fields, lists and text of fields',
    async (secrets) => {
      seed({ 'prod/db': { ...DB, big: 12345678901234 }, list: 'a,b' })
      return [
        await secrets.get('prod/db', { as: 'json' }),
        await secrets.get('prod/db#user'),
        await secrets.get('prod/db#port'),
        await secrets.get('prod/db#/hosts/1'),
        await secrets.get('prod/db#hosts', { as: 'list' }),
        await secrets.get('list', { as: 'list' }),
        await outcomeOf(secrets.get('prod/db#none')),
        await secrets.get('prod/db#none', { default: 'd' }),
        await outcomeOf(secrets.get('list', { as: 'json' })),
      ]
    },
  ],
  [
    'schemas',
    async (secrets) => {
      seed({ 'prod/db': DB })
      const refused = { ...schema, required: ['none'] } as const
      return [
        await secrets.get('prod/db', { schema }),
        await secrets.get('prod/db', { schema: User }),
        await outcomeOf(secrets.get('prod/db', { schema: refused })),
        Object.isFrozen(await secrets.get('prod/db', { schema })),
      ]
    },
  ],
  [
    'a tree',
    async (secrets) => {
      aws().emulator.seed({
        parameters: { '/app/db/host': 'h', '/app/list': { type: 'StringList', value: 'a,b' } },
      })
      return [
        await secrets.tree('/app'),
        await secrets.tree('/app', { flat: true }),
        secrets.stats().requests,
      ]
    },
  ],
  [
    'parts',
    async (secrets) => {
      storeParts('x'.repeat(2000))
      const before = await secrets.get('prod/ca', { parts: true })
      storeParts('y'.repeat(2000))
      const { changed } = await secrets.refresh('prod/ca', { parts: true })
      return [before, changed, await secrets.get('prod/ca', { parts: true })]
    },
  ],
  [
    'a manifest',
    async (secrets) => {
      seed({ 'prod/db': DB, token: 't' })
      return secrets.load({
        db: { ref: 'prod/db', schema },
        token: 'token',
        none: { ref: 'none', default: 0 },
      })
    },
  ],
  [
    'the version before, where a new one does not fit',
    async (secrets) => {
      seed({ 'prod/db': { user: 'one' } })
      const first = await told(secrets, 'prod/db', { schema })
      seed({ 'prod/db': { name: 'two' } })
      late()
      const second = await told(secrets, 'prod/db', { schema })
      const third = await told(secrets, 'prod/db', { schema: User })
      seed({ 'prod/db': { user: 'three' } })
      await secrets.refresh('prod/db')
      const bytes = await told(secrets, 'prod/db', { schema })
      return [first, second, third, bytes, secrets.stats().decodeFailures]
    },
  ],
  [
    'text before bytes',
    async (secrets) => {
      seed({ 'prod/db': 'text' })
      const first = await told(secrets, 'prod/db')
      aws().emulator.seed({ secrets: { 'prod/db': Uint8Array.of(255) } })
      late()
      return [first, await told(secrets, 'prod/db')]
    },
  ],
  [
    'what is stale, while revalidating and where the service fails',
    async (secrets) => {
      seed({ 'prod/db': 'one' })
      await secrets.get('prod/db')
      seed({ 'prod/db': 'two' })
      aws().clock.advance(TTL + 1)
      const revalidating = await told(secrets, 'prod/db')
      await aws().until(() => secrets.stats().refreshes === 2)
      const fresh = await told(secrets, 'prod/db')
      late()
      const mend = aws().emulator.fail('*', { error: 'InternalServiceError' })
      const onError = await told(secrets, 'prod/db')
      mend()
      return [revalidating, fresh, onError]
    },
  ],
  [
    'a watch',
    async (secrets) => {
      seed({ 'prod/db': 'one' })
      const watching = secrets.watch('prod/db')
      const first = await watching.next()
      seed({ 'prod/db': 'two' })
      await secrets.refresh('prod/db')
      const second = await watching.next()
      await watching.return()
      return [first, second].map(({ value }) => value?.value)
    },
  ],
  [
    'whether a refresh has changed anything',
    async (secrets) => {
      seed({ 'prod/db': 'one' })
      const changes = [await secrets.refresh('prod/db'), await secrets.refresh('prod/db')]
      seed({ 'prod/db': 'two' })
      changes.push(await secrets.refresh('prod/db'))
      return changes.map(({ changed }) => changed)
    },
  ],
  [
    'name and ARN of one secret, and how much is held',
    async (secrets) => {
      seed({ 'prod/db': 'é€😀' })
      const { arn = '' } = await secrets.read('prod/db')
      const { entries, bytes } = secrets.stats()
      return [await secrets.get(arn), entries, bytes, secrets.stats().entries]
    },
  ],
  [
    'values in boxes, and masked in text',
    async (secrets) => {
      seed({ 'prod/db': { user: 'app', password: NEEDLE } })
      const boxed = await secrets.get('prod/db', { as: 'json', redacted: true })
      return [String(boxed), boxed.reveal(), secrets.scrub(`it is ${NEEDLE}.`)]
    },
  ],
  [
    'a secret that is no more, and what is asked of a client that is closed',
    async (secrets) => {
      seed({ 'prod/db': 'one' })
      await secrets.get('prod/db')
      secrets.invalidate('prod/db')
      aws().emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
      const gone = await outcomeOf(secrets.get('prod/db'))
      await secrets.close()
      return [gone, await outcomeOf(secrets.get('prod/db')), secrets.stats().entries]
    },
  ],
]

describe('sealed or not, the same comes out', () => {
  test.each(SCENES)('%s', async (_title, scene) => {
    const { connect, emulator } = aws()
    const plain = await scene(connect({ seal: false }))
    emulator.reset()
    const sealed = await scene(connect({ seal: true }))
    expect(plain).toBeDefined()
    expect(sealed).toStrictEqual(plain)
  })
})

test('hits ask nobody: each read decodes what is kept', async () => {
  const secrets = aws().connect({ seal: true })
  seed({ 'prod/db': DB })
  const reads = await Promise.all(Array.from({ length: 100 }, () => secrets.get('prod/db', { as: 'json' })))
  await secrets.get('prod/db', { as: 'json' })
  expect(new Set(reads.map((read) => JSON.stringify(read))).size).toBe(1)
  expect(aws().calls()).toBe(1)
  expect(secrets.stats()).toMatchObject({ entries: 1, hits: 1 })
})

/** What is wiped from now on, that of the test before aside. */
async function wiped(): Promise<() => number> {
  await turn()
  const wipe = vi.spyOn(SealedPayload.prototype, 'wipe')
  onTestFinished(() => {
    wipe.mockRestore()
  })
  return () => new Set(wipe.mock.contexts).size
}

const turn = async () => {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}

describe('what the cache lets go of is wiped', () => {
  const sealing = (options: SecretsClientOptions = {}) => aws().connect({ seal: true, ...options })

  test('when it is evicted', async () => {
    const count = await wiped()
    const secrets = sealing({ cache: { maxEntries: 2 } })
    seed({ a: '1', b: '2', c: '3' })
    for (const ref of ['a', 'b']) await secrets.get(ref)
    await turn()
    expect(count()).toBe(0)
    await secrets.get('c')
    await turn()
    expect(count()).toBe(1)
    await expect(secrets.get('b')).resolves.toBe('2')
  })

  test('when it is invalidated, one or all', async () => {
    const count = await wiped()
    const secrets = sealing()
    seed({ a: '1', b: '2', c: '3' })
    for (const ref of ['a', 'b', 'c']) await secrets.get(ref)
    secrets.invalidate('a')
    await turn()
    expect(count()).toBe(1)
    secrets.invalidate()
    await turn()
    expect(count()).toBe(3)
  })

  test('when another version takes its place, unless it may be needed still', async () => {
    const count = await wiped()
    const secrets = sealing()
    seed({ text: '1', json: { user: 'one' } })
    await secrets.get('text')
    await secrets.get('json', { schema })
    seed({ text: '2', json: { user: 'two' } })
    await secrets.refresh('text')
    await turn()
    expect(count()).toBe(1)
    await secrets.refresh('json')
    await turn()
    expect(count()).toBe(1)
    await secrets.get('json', { schema })
    seed({ json: { user: 'three' } })
    await secrets.refresh('json')
    await turn()
    expect(count()).toBe(2)
  })

  test('when it is a tree, and when it is a value in parts', async () => {
    const count = await wiped()
    const secrets = sealing()
    aws().emulator.seed({ parameters: { '/app/a': '1' } })
    storeParts('x'.repeat(2000))
    await secrets.tree('/app')
    await secrets.get('prod/ca', { parts: true })
    secrets.invalidate()
    await turn()
    expect(count()).toBe(2)
  })

  test('when the client is closed', async () => {
    const count = await wiped()
    const secrets = sealing()
    seed({ a: '1', b: '2' })
    await Promise.all([secrets.get('a'), secrets.get('b')])
    await secrets.close()
    await turn()
    expect(count()).toBe(2)
  })

  test('what is too large to be kept, or not kept at all, is read all the same', async () => {
    seed({ a: 'much too long', b: '2' })
    const small = sealing({ cache: { maxBytes: 4 } })
    await expect(small.get('a')).resolves.toBe('much too long')
    const none = sealing({ cache: { ttlMs: 0 } })
    await expect(Promise.all([none.get('b'), none.get('b')])).resolves.toEqual(['2', '2'])
    expect([small.stats().entries, none.stats().entries]).toEqual([0, 0])
  })
})

describe('a reader who has an entry gets its value', () => {
  const slow = (gate: Promise<unknown>) => ({
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: async (value: unknown) => {
        await gate
        return { value }
      },
    },
  })

  test.each(['evict', 'invalidate', 'invalidate all', 'replace'])(
    'though it is let go of while the reader decodes: %s',
    async (how) => {
      const count = await wiped()
      const source = new FakeSource(textSecret('{"n":1}'))
      const secrets = aws().connect({ seal: true, sources: [source], cache: { maxEntries: 1 } })
      await secrets.get('a')
      const gate = deferred<undefined>()
      const reading = secrets.get('a', { schema: slow(gate.promise) })
      await new Promise(setImmediate)
      if (how === 'evict') await secrets.get('b')
      if (how === 'invalidate') secrets.invalidate('a')
      if (how === 'invalidate all') secrets.invalidate()
      if (how === 'replace') {
        source.answer(textSecret('{"n":2}', 'EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE'))
        await secrets.refresh('a')
      }
      await new Promise(setImmediate)
      gate.resolve(undefined)
      expect(count()).toBe(0)
      await expect(reading).resolves.toEqual({ n: 1 })
      await turn()
      expect(count()).toBe(1)
    },
  )

  test.each(['evict', 'invalidate', 'invalidate all'])(
    'though it is let go of in the tick in which it is read: %s',
    async (how) => {
      const secrets = aws().connect({
        seal: true,
        sources: [new FakeSource(textSecret('value'))],
        cache: { maxEntries: 1 },
      })
      await secrets.get('a')
      const readings = Array.from({ length: 10 }, () => secrets.get('a'))
      const evicting = how === 'evict' ? secrets.get('b') : undefined
      if (how === 'invalidate') secrets.invalidate('a')
      if (how === 'invalidate all') secrets.invalidate()
      await expect(Promise.all(readings)).resolves.toEqual(Array.from({ length: 10 }, () => 'value'))
      await evicting
    },
  )

  test.each(['evict', 'not at all'])(
    'though it waits for a load that fails, and is let go of meanwhile: %s',
    async (how) => {
      const { clock } = aws()
      const answer = deferred<never>()
      const source = new FakeSource(textSecret('{"user":"app"}'))
      const outcomes = []
      for (const seal of [false, true]) {
        source.answer(textSecret('{"user":"app"}'))
        const retry = { maxAttempts: 1 }
        const secrets = aws().connect({ seal, retry, sources: [source], cache: { maxEntries: 1 } })
        await secrets.get('a', { schema })
        late()
        source.answer((reference, context) =>
          reference.name === 'a' ? answer.promise : textSecret('other')(reference, context),
        )
        const reading = outcomeOf(secrets.get('a', { schema }))
        await new Promise(setImmediate)
        if (how === 'evict') await secrets.get('b')
        await new Promise(setImmediate)
        clock.advance(2001)
        outcomes.push(await reading)
      }
      const expected = how === 'evict' ? 'ERR_TIMEOUT' : { user: 'app' }
      expect(outcomes).toEqual([expected, expected])
    },
  )

  test('and the version before, where its own does not fit and both are let go of meanwhile', async () => {
    const outcomes = []
    for (const seal of [false, true]) {
      const source = new FakeSource(textSecret('{"user":"app"}'))
      const secrets = aws().connect({ seal, sources: [source] })
      const gate = deferred<undefined>()
      let isSlow = false
      const picky = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: async (value: unknown) => {
            if (isSlow) await gate.promise
            return JSON.stringify(value).includes('user') ? { value } : { issues: [{ message: 'no user' }] }
          },
        },
      }
      await secrets.get('a', { schema: picky })
      source.answer(textSecret('{"name":"app"}', 'EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE'))
      await secrets.refresh('a')
      isSlow = true
      const reading = outcomeOf(secrets.get('a', { schema: picky }))
      await new Promise(setImmediate)
      secrets.invalidate('a')
      await new Promise(setImmediate)
      gate.resolve(undefined)
      outcomes.push(await reading)
    }
    expect(outcomes).toEqual([{ user: 'app' }, { user: 'app' }])
  })

  test('though many come and go at once', async () => {
    const names = Array.from({ length: 30 }, (_none, at) => `s${at}`)
    seed(Object.fromEntries(names.map((name) => [name, `value of ${name}`])))
    const secrets = aws().connect({ seal: true, cache: { maxEntries: 3 } })
    for (let round = 0; round < 5; round += 1) {
      const read = await Promise.all([...names, ...names.toReversed()].map((name) => secrets.get(name)))
      expect(read).toEqual([...names, ...names.toReversed()].map((name) => `value of ${name}`))
      if (round === 2) secrets.invalidate()
    }
    expect(secrets.stats().entries).toBeLessThanOrEqual(3)
  })
})

test('a client that is closed while it decodes gives the value or says that it is closed, nothing else', async () => {
  const source = new FakeSource(textSecret(NEEDLE))
  const secrets = aws().connect({ seal: true, sources: [source] })
  await secrets.get('a')
  const readings = Array.from({ length: 10 }, () => outcomeOf(secrets.get('a')))
  const closing = secrets.close()
  for (const outcome of await Promise.all(readings)) expect([NEEDLE, 'ERR_CLOSED']).toContain(outcome)
  await closing
  expect(await outcomeOf(secrets.get('a'))).toBe('ERR_CLOSED')
})

test('nothing of a sealed client shows a value', async () => {
  const secrets = aws().connect({ seal: true })
  seed({ 'prod/db': { user: 'app', password: NEEDLE }, text: NEEDLE })
  aws().emulator.seed({ parameters: { '/app/key': NEEDLE } })
  await secrets.get('prod/db', { as: 'json' })
  await secrets.get('text')
  await secrets.tree('/app')
  expectNoNeedle(secrets, NEEDLE)
  expectNoNeedle(await failureOf(secrets.get('text', { as: 'json' })), NEEDLE)
})

test.each([false, true])(
  'a read and a refresh of one tick share an answer, whole (seal: %j)',
  async (seal) => {
    const stored = { bytes: Uint8Array.from([1, 2, 3]), versionId: 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE' }
    const secrets = aws().connect({ seal, sources: [new FakeSource(stored)] })
    const [read] = await Promise.all([secrets.get('prod/key', { as: 'bytes' }), secrets.refresh('prod/key')])
    expect([read, await secrets.get('prod/key', { as: 'bytes' })]).toEqual([stored.bytes, stored.bytes])
  },
)
