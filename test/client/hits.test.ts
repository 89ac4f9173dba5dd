/** The short way of a hit: it gives what the long way gives, at any time. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { SecretsClient } from '../../src/index.js'
import { FakeSource } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const TTL = 300_000
const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } as const

const TEXT = { type: 'string' } as const

/** What a vault holds: each version anew, under an ARN that changes when the secret is created again. */
class Vault {
  readonly #secrets = new Map<string, { n: number; born: number }>()

  secret(name: string) {
    const secret = this.#secrets.get(name) ?? { n: 0, born: 0 }
    this.#secrets.set(name, secret)
    return secret
  }

  answer(id: string) {
    const name = id.replace(/^arn:.*:secret:/, '').replace(/-[A-Za-z0-9]{6}$/, '')
    const { n, born } = this.secret(name)
    return {
      text: JSON.stringify({ n, of: name, born }),
      name,
      arn: arnOf(name, born),
      versionId: `${String(n).padStart(8, '0')}-0000-4000-8000-${String(born).padStart(12, '0')}`,
      versionStages: ['AWSCURRENT'],
    }
  }
}

const arnOf = (name: string, born: number) =>
  `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-${String(born).padStart(6, 'A')}`

function build(maxEntries = 100) {
  const [clock, vault] = [new ManualClock(), new Vault()]
  const source = new FakeSource(({ name, arn }) => vault.answer(arn ?? name ?? ''))
  const cache = { ttlMs: TTL, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, maxEntries }
  const secrets = new SecretsClient({ clock, sources: [source], cache })
  return { clock, vault, source, secrets }
}

async function warm(secrets: SecretsClient, ref: string, options?: { schema: typeof SCHEMA }) {
  for (let times = 0; times < 3; times += 1) await secrets.get(ref, options)
}

describe('a hit', () => {
  test('gives the same promise each time, counts, and asks nobody', async () => {
    const { secrets, source } = build()
    await warm(secrets, 'a')
    await warm(secrets, 'a', { schema: SCHEMA })
    expect(secrets.get('a')).toBe(secrets.get('a'))
    expect(secrets.get('a', { schema: SCHEMA })).toBe(secrets.get('a', { schema: SCHEMA }))
    expect(secrets.get('a')).not.toBe(secrets.get('a', { schema: SCHEMA }))
    expect(source.asked).toHaveLength(1)
    expect(secrets.stats()).toMatchObject({ misses: 1, hits: 11 })
  })

  test('is told to who listens, each time', async () => {
    const told: string[] = []
    const secrets = new SecretsClient({
      sources: [new FakeSource(({ name = '' }) => ({ text: 'x', name }))],
      onEvent: ({ type }) => told.push(type),
    })
    await warm(secrets, 'a')
    await warm(secrets, 'a')
    expect(told.filter((type) => type === 'hit')).toHaveLength(5)
  })

  test('keeps more ways to read one secret apart than it remembers', async () => {
    const { secrets } = build()
    const schemas = Array.from({ length: 20 }, (_, minimum) => ({ minimum: -1 - minimum, ...SCHEMA }))
    for (let round = 0; round < 4; round += 1) {
      for (const schema of schemas)
        await expect(secrets.get('a', { schema })).resolves.toMatchObject({ n: 0 })
      await expect(secrets.get('a#n')).resolves.toBe('0')
      await expect(secrets.get('a#n', { as: 'json' })).resolves.toBe(0)
      await expect(secrets.get('a', { as: 'json' })).resolves.toEqual({ n: 0, of: 'a', born: 0 })
    }
  })

  test('forgets texts where there are too many, and answers all the same', async () => {
    const { secrets } = build(2)
    for (const ref of ['a', 'b', 'c', 'a', 'b', 'c']) {
      await warm(secrets, ref)
      await expect(secrets.get(`${ref}#of`)).resolves.toBe(ref)
    }
  })
})

test('a schema that is written inline is known again, until what it says is another', async () => {
  const { secrets } = build()
  const inline = (minimum: number) =>
    secrets.get('a', {
      schema: { type: 'object', properties: { n: { type: 'integer', minimum } }, required: ['n'] },
    })
  const first = await inline(0)
  for (let times = 0; times < 5; times += 1) expect(await inline(0)).toBe(first)
  await expect(inline(1)).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  expect(await inline(0)).toBe(first)
})

describe('readers of one value that is being loaded', () => {
  const rejected = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)

  test('share it, each counted as a miss', async () => {
    const { secrets, source } = build()
    const values = await Promise.all(Array.from({ length: 50 }, () => secrets.get('a', { as: 'json' })))
    expect(new Set(values).size).toBe(1)
    expect(source.asked).toHaveLength(1)
    expect(secrets.stats()).toMatchObject({ misses: 50, hits: 0 })
  })

  test('get errors of their own', async () => {
    const { secrets, source } = build()
    source.answer(() => Promise.reject(Object.assign(new Error('x'), { name: 'AccessDeniedException' })))
    const errors = await Promise.all(Array.from({ length: 5 }, () => rejected(secrets.get('a'))))
    expect(new Set(errors).size).toBe(5)
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 1 })
  })

  test('get bytes of their own', async () => {
    const { secrets } = build()
    const [one, other] = await Promise.all([
      secrets.get('a', { as: 'bytes' }),
      secrets.get('a', { as: 'bytes' }),
    ])
    expect(one).toEqual(other)
    expect(one).not.toBe(other)
  })

  test('who comes after an invalidation waits for a newer one', async () => {
    const { secrets, source, vault } = build()
    let release: () => void = () => undefined
    source.answer(async ({ name = '' }) => {
      const answer = vault.answer(name)
      await new Promise<void>((resolve) => (release = resolve))
      return answer
    })
    const before = secrets.get('a#n')
    await new Promise((resolve) => setImmediate(resolve))
    vault.secret('a').n = 1
    const releaseFirst = release
    secrets.invalidate('a')
    const after = secrets.get('a#n')
    await new Promise((resolve) => setImmediate(resolve))
    releaseFirst()
    release()
    await expect(before).resolves.toBe('0')
    await expect(after).resolves.toBe('1')
  })

  test('with wishes of their own go their own way', async () => {
    const { secrets, clock } = build()
    const [first, aborted, fallback, whole] = await Promise.allSettled([
      secrets.get('a#none'),
      secrets.get('a#none', { signal: AbortSignal.abort('enough') }),
      secrets.get('a#none', { default: 'd' }),
      secrets.get('a'),
    ])
    clock.advance(1)
    expect(first).toMatchObject({ reason: { code: 'ERR_FIELD_NOT_FOUND' } })
    expect(aborted).toMatchObject({ reason: 'enough' })
    expect(fallback).toMatchObject({ value: 'd' })
    expect(whole).toMatchObject({ value: expect.stringContaining('"of":"a"') as string })
  })

  test('end with the client', async () => {
    const { secrets, source } = build()
    source.answer(() => new Promise(() => undefined))
    const reads = [rejected(secrets.get('a')), rejected(secrets.get('a'))]
    await new Promise((resolve) => setImmediate(resolve))
    await secrets.close()
    for (const error of await Promise.all(reads)) expect(error).toMatchObject({ code: 'ERR_CLOSED' })
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

test('an age that is no number is too old, and a pinned version has none', async () => {
  const { clock, vault, secrets } = build()
  const id = vault.answer('a').versionId
  await warm(secrets, 'a')
  await warm(secrets, `a:${id}`)
  vault.secret('a').n = 1
  clock.wall = Number.NaN
  await expect(secrets.get('a#n')).resolves.toBe('1')
  clock.now = () => {
    throw new Error('no time')
  }
  await expect(secrets.get(`a:${id}`)).resolves.toContain('"n":0')
})

test('whoever is told of a read may forget the value: who asks after that waits for a newer one', async () => {
  const { vault, source } = build()
  const seen: string[] = []
  const secrets: SecretsClient = new SecretsClient({
    sources: [source],
    onEvent: ({ type }) => {
      seen.push(type)
      if (seen.filter((each) => each === 'miss').length !== 2 || type !== 'miss') return
      vault.secret('a').n = 1
      secrets.invalidate('a')
    },
  })
  const [, second] = await Promise.all([secrets.get('a#n'), secrets.get('a#n')])
  expect(second).toBe('1')
})

test('an undecodable value counts for each who asked for it', async () => {
  const { secrets, source } = build()
  source.answer(({ name = '' }) => ({ text: 'no JSON', name }))
  const reads = Array.from({ length: 5 }, () =>
    secrets.get('a', { as: 'json' }).catch((error: unknown) => error),
  )
  for (const error of await Promise.all(reads)) expect(error).toMatchObject({ code: 'ERR_DECODE' })
  expect(secrets.stats()).toMatchObject({ misses: 5, decodeFailures: 5 })
})

test('options whose getters change their mind are not taken for what they said before', async () => {
  const { secrets } = build()
  await warm(secrets, 'a')
  let times = 0
  const fickle = {
    get as() {
      times += 1
      return times % 2 === 0 ? 'json' : 'text'
    },
  } as const
  for (let round = 0; round < 5; round += 1) await secrets.get('a', fickle)
  await expect(secrets.get('a', { as: 'text' })).resolves.toBe('{"n":0,"of":"a","born":0}')
  await expect(secrets.get('a', { as: 'json' })).resolves.toEqual({ n: 0, of: 'a', born: 0 })
  await expect(secrets.get('a')).resolves.toBe('{"n":0,"of":"a","born":0}')
})

test('a getter of options that reads something else does not get in the way', async () => {
  const { secrets } = build()
  await warm(secrets, 'a', { schema: SCHEMA })
  await secrets.get('a', { as: 'text', schema: TEXT })
  await secrets.get('a', { as: 'text', schema: TEXT })
  const meddling = {
    get schema() {
      void secrets.get('a', { as: 'text', schema: TEXT })
      return SCHEMA
    },
  }
  await expect(secrets.get('a', meddling)).resolves.toEqual({ n: 0, of: 'a', born: 0 })
})

describe('what the short way leaves to the long one', () => {
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'schema')
    Reflect.deleteProperty(Object.prototype, 'as')
  })

  test.each([
    ['an unknown option', { schema: SCHEMA, schemas: 1 }],
    [
      'an instance of a class',
      new (class {
        schema = SCHEMA
      })(),
    ],
    [
      'a getter that throws',
      {
        get schema(): never {
          throw new Error('NEEDLE')
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('NEEDLE')
          },
        },
      ),
    ],
    ['null', null],
    ['a text', 'schema'],
  ])('%s is refused as ever', async (_what, options) => {
    const { secrets } = build()
    await warm(secrets, 'a', { schema: SCHEMA })
    const get = secrets.get.bind(secrets) as unknown as (ref: string, options: unknown) => Promise<unknown>
    const refused: unknown = await get('a', options).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TypeError)
    expect(String(refused)).not.toContain('NEEDLE')
  })

  test.each([true, false])(
    'a prototype that was polluted has no say (enumerable: %s)',
    async (enumerable) => {
      const { secrets } = build()
      await warm(secrets, 'a', { schema: SCHEMA })
      await secrets.get('a', {})
      await secrets.get('a', {})
      Object.defineProperty(Object.prototype, 'schema', {
        value: SCHEMA,
        configurable: true,
        writable: true,
        enumerable,
      })
      Object.defineProperty(Object.prototype, 'as', {
        value: 'json',
        configurable: true,
        writable: true,
        enumerable,
      })
      await expect(secrets.get('a', {})).resolves.toBe('{"n":0,"of":"a","born":0}')
      await expect(secrets.get('a', { schema: SCHEMA })).resolves.toMatchObject({ n: 0 })
    },
  )

  test('a signal that has aborted, a fresh read, a default and an age', async () => {
    const { secrets, source, clock } = build()
    await warm(secrets, 'a')
    await expect(secrets.get('a', { signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
    await secrets.get('a', { fresh: true })
    expect(source.asked).toHaveLength(2)
    clock.advance(10)
    await secrets.get('a', { ttlMs: 9 })
    expect(source.asked).toHaveLength(3)
    await expect(secrets.get('a#none', { default: 'd' })).resolves.toBe('d')
  })

  test('a closed client', async () => {
    const { secrets } = build()
    await warm(secrets, 'a')
    await secrets.close()
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

test('nothing is kept of a value that was forgotten', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { secrets } = build()
  secrets.scrub('')
  await warm(secrets, 'a', { schema: SCHEMA })
  const value = new WeakRef(await secrets.get('a', { schema: SCHEMA }))
  secrets.invalidate('a')
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(value.deref()).toBeUndefined()
})

test('counts as a use: what was read last is evicted last', async () => {
  const { secrets, source } = build(2)
  await warm(secrets, 'a')
  await warm(secrets, 'b')
  await secrets.get('a')
  await secrets.get('c')
  const asked = source.asked.length
  await secrets.get('a')
  expect(source.asked).toHaveLength(asked)
})

describe('beside the long way, which a reference as an object goes', () => {
  const name = fc.constantFrom('a', 'b')
  const read = fc.record({
    kind: fc.constant('read' as const),
    name,
    view: fc.constantFrom('text', 'schema', 'field'),
    isByArn: fc.boolean(),
  })
  const event = fc.record({
    kind: fc.constantFrom('rotate', 'recreate', 'refresh', 'invalidate', 'forget', 'pass', 'freeze', 'back'),
    name,
    ms: fc.constantFrom(1, TTL / 2, TTL + 1),
  })
  type Read = typeof read extends fc.Arbitrary<infer Of> ? Of : never
  type Event = typeof event extends fc.Arbitrary<infer Of> ? Of : never
  type World = ReturnType<typeof build>

  /** Three times, so that the last goes the short way. */
  async function readBothWays({ secrets, vault }: World, { name, view, isByArn }: Read) {
    const id = isByArn ? arnOf(name, vault.secret(name).born) : name
    const field = view === 'field' ? 'n' : undefined
    const object = { service: 'secretsmanager' as const, ...(isByArn ? { arn: id } : { name: id }), field }
    const text = field === undefined ? id : `${id}#${field}`
    for (let times = 0; times < 3; times += 1) {
      const [short, long] = await Promise.all(
        view === 'schema'
          ? [secrets.get(text, { schema: SCHEMA }), secrets.get(object, { schema: SCHEMA })]
          : [secrets.get(text), secrets.get(object)],
      )
      expect(short).toEqual(long)
    }
  }

  async function happen({ clock, vault, secrets }: World, { kind, name, ms }: Event) {
    const secret = vault.secret(name)
    if (kind === 'rotate') secret.n += 1
    if (kind === 'recreate') secret.born += 1
    if (kind === 'refresh') await secrets.refresh(name)
    if (kind === 'invalidate') secrets.invalidate(name)
    if (kind === 'forget') secrets.invalidate()
    if (kind === 'pass') clock.advance(ms)
    if (kind === 'freeze') clock.wall += ms
    if (kind === 'back') clock.wall -= ms
  }

  test('every read gives the same, whatever happens in between', async () => {
    const schedule = fc.array(fc.oneof({ weight: 2, arbitrary: read }, event), { maxLength: 60, size: 'max' })
    await fc.assert(
      fc.asyncProperty(schedule, fc.constantFrom(2, 100), async (moves, maxEntries) => {
        const world = build(maxEntries)
        for (const move of moves) {
          if (move.kind === 'read') await readBothWays(world, move)
          else await happen(world, move)
        }
        await world.secrets.close()
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
