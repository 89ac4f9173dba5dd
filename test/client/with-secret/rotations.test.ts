/** `withSecret` goes on through rotations: what is tried, in which order, and what AWS is asked. */

import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { SecretsClient } from '../../../src/index.js'
import { FakeSource, textSecret } from '../../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../../support/manual-clock.js'
import { expectNoNeedle } from '../../support/needle.js'
import { ARN, LoginError, Rotating, idOf, isRejected, passwordOf } from './rig.js'

const how = { isRejected }

describe('a version that is accepted', () => {
  test('is read from the cache, and what `use` makes of it is the result', async () => {
    const { secrets, logIn, source } = new Rotating()
    for (let times = 0; times < 3; times += 1) {
      await expect(secrets.withSecret('prod/db', how, logIn)).resolves.toBe(1)
    }
    expect(source.asked).toHaveLength(1)
  })

  test('is handed over with where it comes from, which prints no value', async () => {
    const { secrets } = new Rotating()
    const read = await secrets.withSecret('prod/db', how, (value, provenance) => {
      expect(value).toBe(passwordOf(1))
      expect(provenance.value).toBe(value)
      return provenance
    })
    expect(read).toMatchObject({ versionId: idOf(1), versionStages: ['AWSCURRENT'], arn: ARN, stale: false })
    expectNoNeedle([inspect(read, { depth: Infinity }), JSON.stringify(read)], passwordOf(1))
  })

  test('is decoded by the options of a read', async () => {
    const source = new FakeSource(textSecret('{"user":"app","port":5432}'))
    const secrets = new SecretsClient({ sources: [source], clock: new ManualClock() })
    const schema = { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] } as const
    const port: number = await secrets.withSecret('prod/db', { schema, isRejected }, (db) => db.port)
    expect(port).toBe(5432)
    await expect(secrets.withSecret('prod/db#user', how, (user) => user)).resolves.toBe('app')
    await expect(
      secrets.withSecret('prod/db', { isRejected, as: 'bytes' }, ({ length }) => length),
    ).resolves.toBe(26)
  })
})

describe('a rotation that is over', () => {
  test('costs one refused login, one request and no wait', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.rotate()
    await expect(rig.secrets.withSecret('prod/db', how, rig.logIn)).resolves.toBe(2)
    expect(rig.tried).toEqual([1, 1, 2])
    expect(rig.asked).toBe(2)
    expect(rig.clock.sleeping).toBe(0)
    expect(rig.told('rejected', 'recovered', 'gave-up')).toEqual([
      { type: 'rejected', at: rig.clock.now(), ref: 'prod/db', versionId: idOf(1) },
      {
        type: 'recovered',
        at: rig.clock.now(),
        ref: 'prod/db',
        versionId: idOf(2),
        pending: false,
        rejections: 1,
        durationMs: 0,
      },
    ])
    expect(rig.secrets.stats()).toMatchObject({ rejections: 1, recoveries: 1, givenUp: 0 })
  })

  test('is seen by `get` too, which is told nothing of refusals', async () => {
    const rig = new Rotating()
    rig.setPassword(9)
    await expect(rig.secrets.get('prod/db')).resolves.toBe(passwordOf(1))
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 1_000)
    await expect(rig.secrets.get('prod/db')).resolves.toBe(passwordOf(1))
    rig.rotate()
    await expect(whileTimePasses(rig.clock, work)).resolves.toBe(2)
    await expect(rig.secrets.get('prod/db')).resolves.toBe(passwordOf(2))
  })

  test('twice in a row is followed to the last version', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.current = 2
    rig.setPassword(3)
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    rig.current = 3
    await expect(whileTimePasses(rig.clock, work)).resolves.toBe(3)
    expect(rig.tried).toEqual([1, 1, 2, 3])
  })
})

describe('between setSecret and finishSecret', () => {
  /** The password is set, the version stage has not moved. */
  function halfway(options?: ConstructorParameters<typeof Rotating>[0]): Rotating {
    const rig = new Rotating(options)
    rig.pending = 2
    rig.setPassword(2)
    return rig
  }

  test('callers wait until the current version is the one that works', async () => {
    const rig = halfway()
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 10_000)
    expect(new Set(rig.tried)).toEqual(new Set([1]))
    rig.current = 2
    await expect(whileTimePasses(rig.clock, work)).resolves.toBe(2)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('the pending version is never asked for without being opted for', async () => {
    const rig = halfway()
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 30_000)
    rig.current = 2
    await whileTimePasses(rig.clock, work)
    expect(rig.source.asked.filter(({ ref }) => ref.includes('AWSPENDING'))).toEqual([])
  })

  test('with `pending` the pending version is used at once', async () => {
    const rig = halfway()
    await expect(rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)).resolves.toBe(2)
    expect(rig.tried).toEqual([1, 2])
    expect(rig.asked).toBe(3)
    expect(rig.told('recovered')).toMatchObject([{ versionId: idOf(2), pending: true, rejections: 1 }])
  })

  test('and serves everybody who opted for it until the current version moves, without another request', async () => {
    const rig = halfway()
    const options = { isRejected, pending: true } as const
    await rig.secrets.withSecret('prod/db', options, rig.logIn)
    const before = rig.asked
    for (let times = 0; times < 20; times += 1) await rig.secrets.withSecret('prod/db', options, rig.logIn)
    expect(rig.asked).toBe(before)
    expect(rig.tried.filter((n) => n === 1)).toHaveLength(1)
    await expect(rig.secrets.get('prod/db')).resolves.toBe(passwordOf(1))
    rig.current = 2
    rig.pending = undefined
    await rig.secrets.refresh('prod/db')
    rig.rotate()
    await rig.secrets.refresh('prod/db')
    await expect(rig.secrets.withSecret('prod/db', options, rig.logIn)).resolves.toBe(3)
  })

  test.each([false, true])('a sealed cache does so too (seal: %s)', async (seal) => {
    const rig = halfway({ seal, cache: { maxEntries: 1 } })
    const options = { isRejected, pending: true } as const
    await rig.secrets.withSecret('prod/db', options, rig.logIn)
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate)
    await expect(rig.secrets.withSecret('prod/db', options, rig.logIn)).resolves.toBe(2)
  })

  test('while AWS is down afterwards, the pending version goes on', async () => {
    const rig = halfway({ cache: { ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 } })
    const options = { isRejected, pending: true } as const
    await rig.secrets.withSecret('prod/db', options, rig.logIn)
    rig.trouble = 'InternalServiceError'
    await pass(rig.clock, 5_000)
    await expect(
      whileTimePasses(rig.clock, rig.secrets.withSecret('prod/db', options, rig.logIn)),
    ).resolves.toBe(2)
  })

  test('a rotation that is rolled back is followed back', async () => {
    const rig = halfway()
    const work = rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)
    await expect(work).resolves.toBe(2)
    rig.setPassword(1)
    rig.pending = undefined
    const back = rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)
    await expect(whileTimePasses(rig.clock, back)).resolves.toBe(1)
    const tries = rig.deadTries
    await expect(rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)).resolves.toBe(1)
    expect(rig.deadTries).toBe(tries)
  })

  test('one that is rolled back while callers wait is followed back too', async () => {
    const rig = halfway()
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 5_000)
    rig.setPassword(1)
    await expect(whileTimePasses(rig.clock, work)).resolves.toBe(1)
  })

  test('a pending version whose password is not set yet is tried again later', async () => {
    const rig = new Rotating()
    rig.accepted = new Set()
    rig.pending = 2
    const work = rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)
    await pass(rig.clock, 3_000)
    rig.setPassword(2)
    await expect(whileTimePasses(rig.clock, work)).resolves.toBe(2)
    const before = rig.deadTries
    await expect(rig.secrets.withSecret('prod/db', { isRejected, pending: true }, rig.logIn)).resolves.toBe(2)
    expect(rig.deadTries).toBe(before)
  })
})

describe('failures of AWS', () => {
  test.each(['ThrottlingException', 'InternalServiceError', 'AccessDeniedException'])(
    'while callers wait they prolong that: %s',
    async (trouble) => {
      const rig = new Rotating()
      await rig.secrets.withSecret('prod/db', how, rig.logIn)
      rig.rotate()
      rig.trouble = trouble
      const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
      await pass(rig.clock, 20_000)
      rig.trouble = undefined
      await expect(whileTimePasses(rig.clock, work)).resolves.toBe(2)
      expect(new Set(rig.tried)).toEqual(new Set([1, 2]))
    },
  )

  test('and if they last longer, the database has the last word', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.rotate()
    rig.trouble = 'InternalServiceError'
    const work = rig.secrets.withSecret('prod/db', how, rig.logIn)
    const error = await whileTimePasses(rig.clock, work).catch((thrown: unknown) => thrown)
    expect(error).toBe(rig.errors.at(-1))
  })

  test('before anything was tried they are those of a read', async () => {
    const rig = new Rotating()
    rig.trouble = 'AccessDeniedException'
    const use = vi.fn()
    await expect(rig.secrets.withSecret('prod/db', how, use)).rejects.toMatchObject({
      code: 'ERR_ACCESS_DENIED',
      attempts: 1,
    })
    expect(use).not.toHaveBeenCalled()
  })
})

describe('other kinds of references', () => {
  test('a name and its ARN share what is known', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    await rig.secrets.withSecret(ARN, how, rig.logIn)
    rig.rotate()
    rig.trouble = 'InternalServiceError'
    const both = Promise.all(['prod/db', ARN].map((ref) => rig.secrets.withSecret(ref, how, rig.logIn)))
    await pass(rig.clock, 500)
    rig.trouble = undefined
    await expect(whileTimePasses(rig.clock, both)).resolves.toEqual([2, 2])
    expect(rig.deadTries).toBeLessThan(12)
  })

  test('a parameter is followed by its version', async () => {
    const source = new FakeSource({ text: 'old', version: 1, name: '/prod/key' }, 'ssm')
    const secrets = new SecretsClient({ sources: [source], clock: new ManualClock() })
    const use = (key: string) => {
      if (key === 'old') throw new LoginError('401')
      return key
    }
    source.answer({ text: 'new', version: 2, name: '/prod/key' })
    await expect(secrets.withSecret('ssm:/prod/key', how, use)).resolves.toBe('new')
    source.answer({ text: 'old', version: 1, name: '/prod/key' })
  })

  test('versions without ids are tried as often as one that was refused, and no more', async () => {
    const clock = new ManualClock()
    const source = new FakeSource({ text: 'old' })
    const secrets = new SecretsClient({ sources: [source], clock, cache: { ttlMs: 0 } })
    let tries = 0
    const use = (value: string) => {
      tries += 1
      if (value === 'old') throw new LoginError('401')
      return value
    }
    const work = secrets.withSecret('prod/db', how, use)
    await pass(clock, 10_000)
    expect(tries).toBeLessThan(30)
    source.answer({ text: 'new' })
    await expect(whileTimePasses(clock, work)).resolves.toBe('new')
  })

  test('nothing is cached with a TTL of 0, and it works all the same', async () => {
    const rig = new Rotating({ cache: { ttlMs: 0 } })
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.setPassword(2)
    const work = Promise.all(
      Array.from({ length: 50 }, () => rig.secrets.withSecret('prod/db', how, rig.logIn)),
    )
    await pass(rig.clock, 2_000)
    rig.current = 2
    await expect(whileTimePasses(rig.clock, work)).resolves.toEqual(new Array(50).fill(2))
    expect(rig.deadTries).toBeLessThan(30)
  })

  test('a default is tried like any value', async () => {
    const rig = new Rotating()
    rig.trouble = 'ResourceNotFoundException'
    rig.accepted.add(7)
    const work = rig.secrets.withSecret('prod/db', { isRejected, default: passwordOf(7) }, rig.logIn)
    await expect(work).resolves.toBe(7)
  })
})

test('a new version that cannot be decoded is no reason to try the refused one before it', async () => {
  const clock = new ManualClock()
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } as const
  const source = new FakeSource(textSecret('{"n":1}', idOf(1)))
  const secrets = new SecretsClient({ sources: [source], clock })
  let accepted = 1
  const use = ({ n }: { n: number }) => {
    if (n !== accepted) throw new LoginError('401')
    return n
  }
  await secrets.withSecret('prod/db', { schema, isRejected }, use)
  accepted = 2
  source.answer(textSecret('{"n":"two"}', idOf(2)))
  await expect(secrets.withSecret('prod/db', { schema, isRejected }, use)).rejects.toMatchObject({
    code: 'ERR_SCHEMA',
  })
})
