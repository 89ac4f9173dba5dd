/** How late a change can be seen: the two windows of a cached value, for every way to write its reference. */

import { describe, expect, test } from 'vitest'
import { useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()

/** Every way to write one secret and one parameter, all of them read once, so that they are known to be one. */
async function spellings() {
  const { emulator, secrets, calls } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' }, parameters: { level: 'first' } })
  const { arn = '' } = await secrets.read('prod/db')
  const { arn: parameterArn = '' } = await secrets.read('ssm:level')
  const refs = {
    'a name': 'prod/db',
    'a partial ARN': arn.slice(0, -7),
    'a full ARN': arn,
    'the name of a parameter': 'ssm:level',
    'the name with a slash': 'ssm:/level',
    'the ARN of a parameter': parameterArn,
  }
  for (const ref of Object.values(refs)) await secrets.get(ref)
  calls()
  return refs
}

const FORMS = [
  'a name',
  'a partial ARN',
  'a full ARN',
  'the name of a parameter',
  'the name with a slash',
  'the ARN of a parameter',
] as const

describe('within its lifetime', () => {
  test('a value is served without a request (I1)', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    calls()
    clock.advance(0.9 * TTL)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: false })
    expect(calls()).toBe(0)
  })

  test('a reader who accepts less age makes a request, and the others keep their hits', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(1_001)
    calls()
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    await expect(secrets.get('prod/db', { ttlMs: 1_001 })).resolves.toBe('first')
    await expect(secrets.get('prod/db', { ttlMs: 1_000 })).resolves.toBe('second')
    expect(calls()).toBe(1)
  })

  test('fetchedAt is the start of the request, and moves with each that succeeds (I4)', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { fetchedAt } = await secrets.read('prod/db')
    clock.advance(1_000)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ fetchedAt })
    await secrets.refresh('prod/db')
    const moved = new Date(fetchedAt.getTime() + 1_000)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ fetchedAt: moved, stale: false })
  })
})

describe('past its lifetime', () => {
  test.each(FORMS)('%s is answered at once, and asked for once in the background (I2, I5)', async (form) => {
    const ref = (await spellings())[form]
    const { emulator, clock, observe, until, calls } = aws()
    const { secrets, told } = observe()
    const { fetchedAt } = await secrets.read(ref)
    emulator.seed({ secrets: { 'prod/db': 'second' }, parameters: { level: 'second' } })
    clock.advance(TTL + 1)
    calls()
    const reads = await Promise.all(Array.from({ length: 100 }, () => secrets.read(ref)))
    for (const read of reads) expect(read).toMatchObject({ value: 'first', stale: true, fetchedAt })
    await until(() => told('refresh').length === 2)
    expect(calls()).toBe(1)
    expect(told('stale')).toHaveLength(100)
    expect(told('stale')[0]).toMatchObject({ reason: 'revalidating', ageMs: TTL + 1 })
    expect(told('refresh')[1]).toMatchObject({ trigger: 'background', ok: true, changed: true })
    await expect(secrets.read(ref)).resolves.toMatchObject({ value: 'second', stale: false })
  })

  test.each(FORMS)('and the window, %s waits for the newest: never an old one (I3, I10)', async (form) => {
    const ref = (await spellings())[form]
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'second' }, parameters: { level: 'second' } })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.read(ref)).resolves.toMatchObject({ value: 'second', stale: false })
  })

  test('without a window a rotated secret is served at most one TTL late (I10)', async () => {
    const { emulator, clock, connect } = aws()
    const secrets = connect({ cache: { staleWhileRevalidateMs: 0 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(TTL + 1)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('a reader who accepts less age is given nothing stale', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(TTL + 1)
    await expect(secrets.read('prod/db', { ttlMs: TTL })).resolves.toMatchObject({
      value: 'second',
      stale: false,
    })
  })

  test('a refresh in the background that fails is told, and rejects nowhere (I32)', async () => {
    const { emulator, clock, observe, passing, until } = aws()
    const { secrets, told } = observe()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.fail('GetSecretValue', { error: 'InternalServiceError' })
    clock.advance(TTL + 1)
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    await passing(until(() => told('refresh').length === 2))
    expect(told('refresh')[1]).toMatchObject({ trigger: 'background', ok: false, code: 'ERR_UNAVAILABLE' })
  })
})

describe('versions and stages', () => {
  test('a stage is an entry of its own: none is answered with another (I13)', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    emulator.call('PutSecretValue', {
      SecretId: 'prod/db',
      SecretString: 'third',
      VersionStages: ['AWSPENDING'],
    })
    const refs = ['prod/db', 'prod/db:AWSPREVIOUS', 'prod/db:AWSPENDING']
    for (const round of [3, 0]) {
      const values = []
      for (const ref of refs) values.push(await secrets.get(ref))
      expect(values).toEqual(['second', 'first', 'third'])
      expect(calls()).toBe(round)
    }
  })

  test.each(FORMS.slice(0, 3))('AWSCURRENT that is moved back is followed: %s (I10)', async (form) => {
    const { emulator, secrets, clock } = aws()
    const ref = (await spellings())[form]
    const { versionId: first } = await secrets.read(ref)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(TTL + WINDOW + 1)
    const { value, versionId: second } = await secrets.read(ref)
    expect(value).toBe('second')
    emulator.call('UpdateSecretVersionStage', {
      SecretId: 'prod/db',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: first,
      RemoveFromVersionId: second,
    })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.read(ref)).resolves.toMatchObject({ value: 'first', versionId: first })
  })

  test('a version id is asked for once, ever: not after a year, nor by a reader of little age (I12)', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { versionId = '' } = await secrets.read('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    const pin = `prod/db:${versionId}`
    await secrets.get(pin)
    calls()
    clock.advance(365 * 86_400_000)
    emulator.fail('*', { error: 'InternalServiceError' })
    await expect(secrets.read(pin, { ttlMs: 0 })).resolves.toMatchObject({ value: 'first', stale: false })
    expect(calls()).toBe(0)
  })

  test('a version or label of a parameter keeps its lifetime', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ parameters: { '/prod/level': 'info' } })
    await secrets.get('ssm:/prod/level:1')
    clock.advance(TTL + WINDOW + 1)
    calls()
    await secrets.get('ssm:/prod/level:1')
    expect(calls('GetParameter')).toBe(1)
  })

  test('a refresh that finds the same version keeps the decoded object', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': { user: 'app' } } })
    const before = await secrets.get('prod/db', { as: 'json' })
    calls()
    await expect(secrets.refresh('prod/db')).resolves.toMatchObject({ changed: false })
    clock.advance(TTL + WINDOW + 1)
    expect(await secrets.get('prod/db', { as: 'json' })).toBe(before)
    expect(calls()).toBe(2)
  })
})

describe('a TTL of 0', () => {
  test('keeps nothing, and still shares the requests of one moment (I8)', async () => {
    const { emulator, connect, calls } = aws()
    const secrets = connect({ cache: { ttlMs: 0 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await Promise.all(Array.from({ length: 100 }, () => secrets.get('prod/db')))
    expect(calls()).toBe(1)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db')).resolves.toBe('second')
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })
})
