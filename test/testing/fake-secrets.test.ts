/** What a test puts into a fake is what the client reads, as from AWS. */

import { SecretsClient, type SecretsEvent, basicCredentials } from 'aws-secrets-client'
import { ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import { describe, expect, test } from 'vitest'
import { outcomeOf } from '../support/aws.js'

const SCENE = {
  'prod/db': { username: 'app', password: 'hunter2' },
  'prod/openai': 'sk-123',
  'prod/key': Uint8Array.of(0, 255, 7),
  'prod/array': [1, 2],
  'ssm:/prod/app/log-level': 'info',
  'ssm:/prod/app/db/hosts': ['a', 'b'],
  'ssm:/prod/limits': { max: 3 },
  'ssm:Bare': 'name',
}

describe('reading', () => {
  test('is done by a real client', async () => {
    await using fake = createFakeSecrets(SCENE)
    const { secrets } = fake
    expect(secrets).toBeInstanceOf(SecretsClient)
    expect(await secrets.get('prod/openai')).toBe('sk-123')
    expect(await secrets.get('prod/db#password')).toBe('hunter2')
    expect(await secrets.get('prod/db', { schema: basicCredentials })).toEqual(SCENE['prod/db'])
    expect(await secrets.get('prod/key', { as: 'bytes' })).toEqual(SCENE['prod/key'])
    expect(await secrets.get('prod/array', { as: 'json' })).toEqual([1, 2])
    expect(await secrets.get('ssm:/prod/limits#max')).toBe('3')
    expect(await secrets.get('ssm:/prod/app/db/hosts')).toBe('a,b')
    expect(await secrets.get('ssm:/Bare')).toBe('name')
    expect(await secrets.tree('ssm:/prod/app')).toEqual({ 'log-level': 'info', db: { hosts: ['a', 'b'] } })
  })

  test('needs no scene', async () => {
    const { secrets, vault } = createFakeSecrets()
    expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_NOT_FOUND')
    expect(await outcomeOf(secrets.tree('ssm:/prod'))).toBe('ERR_NOT_FOUND')
    vault.set('prod/db', 'x')
    expect(await secrets.get('prod/db', { fresh: true })).toBe('x')
  })

  test('shares requests as the built-in sources do', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    const refs = [
      'prod/openai',
      'prod/array',
      'prod/db#username',
      'prod/db:AWSCURRENT',
      'ssm:Bare',
      'ssm:/prod/limits',
    ]
    await Promise.all(refs.map((ref) => secrets.get(ref)))
    await secrets.get('prod/openai')
    expect(vault.requests.map(({ operation, refs }) => [operation, refs.length])).toEqual([
      ['BatchGetSecretValue', 3],
      ['GetParameters', 2],
    ])
    expect([vault.count(), vault.count('GetParameters'), vault.count('GetParameter')]).toEqual([2, 1, 0])
    expect(secrets.stats().requests).toBe(2)
    vault.clearRequests()
    expect(vault.count()).toBe(0)
  })

  test('failures of different kinds follow each other, as the guide says', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'hunter2', 'ssm:/prod/level': 'info' })
    vault.fail('prod/db', 'ERR_DECRYPT')
    vault.fail('ssm:/prod/*', 'ECONNRESET', { times: 1 })
    vault.throttle('*', { times: 1 })
    expect(await secrets.get('ssm:/prod/level')).toBe('info')
    expect(vault.requests.map(({ error }) => error)).toEqual(['ECONNRESET', 'ThrottlingException', undefined])
  })

  test('pages a tree by ten', async () => {
    const entries = Array.from(
      { length: 21 },
      (_none, index) => [`ssm:/app/p${index}`, String(index)] as const,
    )
    const { secrets, vault } = createFakeSecrets(Object.fromEntries(entries))
    expect(Object.keys(await secrets.tree('ssm:/app'))).toHaveLength(21)
    expect(vault.count('GetParametersByPath')).toBe(3)
  })

  test('options are those of the client', async () => {
    const events: SecretsEvent[] = []
    const { secrets, vault } = createFakeSecrets(SCENE, {
      cache: { ttlMs: 0 },
      batch: { enabled: false },
      onEvent: (event) => events.push(event),
    })
    await Promise.all([secrets.get('prod/openai'), secrets.get('prod/array')])
    await secrets.get('prod/openai')
    expect(vault.requests.map(({ operation }) => operation)).toEqual(Array(3).fill('GetSecretValue'))
    expect(events.map(({ type }) => type)).toContain('miss')
  })

  test('a further client reads the same vault', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    await using other = new SecretsClient({ sources: vault.sources })
    expect(await other.get('prod/openai')).toBe(await secrets.get('prod/openai'))
    expect(vault.count()).toBe(2)
  })

  test('disposal closes the client', async () => {
    const { secrets, ...fake } = createFakeSecrets(SCENE)
    await fake[Symbol.asyncDispose]()
    expect(secrets.isClosed).toBe(true)
  })
})

describe('versions', () => {
  test('set makes a new one, and AWSPREVIOUS follows', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/key': 'one' })
    const first = (await secrets.read('prod/key')).versionId ?? ''
    const second = vault.set('prod/key', 'two')
    expect(await secrets.get('prod/key')).toBe('one')
    expect(await secrets.get('prod/key', { fresh: true })).toBe('two')
    expect(await secrets.get('prod/key:AWSPREVIOUS')).toBe('one')
    expect(await secrets.get(`prod/key:${first}`)).toBe('one')
    const third = vault.set('prod/key', 'three')
    expect(
      vault.secretVersions('prod/key').map(({ versionId, versionStages }) => [versionId, versionStages]),
    ).toEqual([
      [first, []],
      [second, ['AWSPREVIOUS']],
      [third, ['AWSCURRENT']],
    ])
  })

  test('rotate moves both stages at once', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/db': { password: 'old' } })
    const versionId = vault.rotate('prod/db', { password: 'new' })
    const read = await secrets.read('prod/db')
    expect([read.versionId, read.versionStages]).toEqual([versionId, ['AWSCURRENT']])
    expect(await secrets.get('prod/db:AWSPREVIOUS#password')).toBe('old')
  })

  test('a rotation may be begun and finished', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/key': 'old' }, { cache: { ttlMs: 0 } })
    const versionId = vault.startRotation('prod/key', 'new')
    expect(await secrets.get('prod/key')).toBe('old')
    expect(await secrets.get('prod/key:AWSPENDING')).toBe('new')
    expect(vault.finishRotation('prod/key')).toBe(versionId)
    expect(await secrets.get('prod/key')).toBe('new')
    expect(await outcomeOf(secrets.get('prod/key:AWSPENDING'))).toBe('ERR_NOT_FOUND')
  })

  test('or rolled back', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/key': 'old' }, { cache: { ttlMs: 0 } })
    const versionId = vault.startRotation('prod/key', 'new')
    vault.rollBack('prod/key')
    expect(await secrets.get('prod/key')).toBe('old')
    expect(await outcomeOf(secrets.get('prod/key:AWSPENDING'))).toBe('ERR_NOT_FOUND')
    expect(await secrets.get(`prod/key:${versionId}`)).toBe('new')
  })

  test('withSecret goes on with the pending version, where it may', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'dead' })
    vault.startRotation('prod/db', 'alive')
    const use = (password: string) => {
      if (password === 'dead') throw new Error('rejected')
      return `in with ${password}`
    }
    const isRejected = () => true
    expect(await secrets.withSecret('prod/db', { isRejected, pending: true }, use)).toBe('in with alive')
  })

  test.each(['finishRotation', 'rollBack'] as const)('withSecret waits for %s', async (end) => {
    const clock = new ManualClock()
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'old' }, { clock })
    let accepted = 'new'
    const use = (password: string) => {
      if (password !== accepted) throw new Error('28P01')
      return `in with ${password}`
    }
    vault.startRotation('prod/db', 'new')
    const connected = secrets.withSecret('prod/db', { isRejected: () => true }, use)
    await clock.advance(1_000)
    if (end === 'rollBack') accepted = 'old'
    vault[end]('prod/db')
    expect(await clock.until(connected)).toBe(`in with ${accepted}`)
  })

  test('a stage of one’s own moves from version to version', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/key': 'one' }, { cache: { ttlMs: 0 } })
    vault.set('prod/key', 'two')
    vault.moveStage('prod/key:AWSPREVIOUS', 'BLUE')
    expect(await secrets.get('prod/key:BLUE')).toBe('one')
    vault.moveStage('prod/key', 'BLUE')
    expect(await secrets.get('prod/key:BLUE')).toBe('two')
    vault.moveStage('prod/key:AWSPREVIOUS', 'AWSCURRENT')
    expect(await secrets.get('prod/key')).toBe('one')
    expect(await secrets.get('prod/key:AWSPREVIOUS')).toBe('two')
  })

  test('of parameters are numbers, with labels', async () => {
    const { secrets, vault } = createFakeSecrets({ 'ssm:/x': 'one' }, { cache: { ttlMs: 0 } })
    expect(vault.set('ssm:/x', 'two')).toBe('2')
    vault.label('ssm:/x:1', 'blue')
    expect(await secrets.get('ssm:/x:blue')).toBe('one')
    vault.label('ssm:/x', 'blue')
    const { version, label } = await secrets.read('ssm:/x:blue')
    expect([version, label]).toEqual([2, 'blue'])
    expect(vault.parameterVersions('ssm:/x').map(({ version, labels }) => [version, labels])).toEqual([
      [1, []],
      [2, ['blue']],
    ])
    expect(await outcomeOf(secrets.get('ssm:/x:3'))).toBe('ERR_NOT_FOUND')
    expect(await outcomeOf(secrets.get('ssm:/x:green'))).toBe('ERR_NOT_FOUND')
  })

  test('have the same ids in every run, and no two secrets share one', () => {
    const ids = () => {
      const { vault } = createFakeSecrets({ a: '1', b: '1' })
      return ['a', 'b'].map((ref) => vault.secretVersions(ref)[0]?.versionId)
    }
    expect(ids()).toEqual(ids())
    expect(new Set(ids()).size).toBe(2)
    expect(ids()[0]).toMatch(/^[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}$/)
  })

  test('are made when the clock says', async () => {
    const clock = new ManualClock({ startAt: new Date('2030-01-01') })
    const { secrets, vault } = createFakeSecrets({ 'prod/key': 'one' }, { clock })
    await clock.advance(1_000)
    vault.set('ssm:/x', 'one')
    expect((await secrets.read('prod/key')).createdAt).toEqual(new Date('2030-01-01'))
    expect((await secrets.read('ssm:/x')).createdAt).toEqual(new Date('2030-01-01T00:00:01Z'))
  })
})

describe('identity', () => {
  test('names and ARNs mean one value', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'x', 'ssm:/prod/x': 'y' })
    const arn = vault.arn('prod/db')
    expect(arn).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod\/db-[0-9a-f]{6}$/)
    expect(await secrets.get(arn)).toBe('x')
    expect(await secrets.get(arn.slice(0, -7))).toBe('x')
    expect(vault.arn('ssm:/prod/x')).toBe('arn:aws:ssm:eu-west-1:123456789012:parameter/prod/x')
    expect(await secrets.get(vault.arn('ssm:/prod/x'))).toBe('y')
  })

  test('a scene may have ARNs, of any account and region', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:shared/db-AbCdEf'
    const parameter = 'arn:aws:ssm:us-east-1:111122223333:parameter/shared/level'
    const { secrets, vault } = createFakeSecrets({ [secret]: 'x', [parameter]: 'info' })
    const read = await secrets.read(secret)
    expect([read.value, read.name, read.arn]).toEqual(['x', 'shared/db', secret])
    expect(await secrets.get(parameter)).toBe('info')
    vault.rotate(secret, 'y')
    expect(await secrets.get(secret, { fresh: true })).toBe('y')
  })

  test('what is removed and made again is another', async () => {
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'x', 'ssm:/x': '1' }, { cache: { ttlMs: 0 } })
    const [arn, [version]] = [vault.arn('prod/db'), vault.secretVersions('prod/db')]
    vault.remove('prod/db')
    vault.remove('ssm:/x')
    expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_NOT_FOUND')
    expect(await outcomeOf(secrets.get('ssm:/x'))).toBe('ERR_NOT_FOUND')
    vault.set('prod/db', 'y')
    expect(vault.arn('prod/db')).not.toBe(arn)
    expect(vault.secretVersions('prod/db')[0]?.versionId).not.toBe(version?.versionId)
    expect(vault.set('ssm:/x', '2')).toBe('1')
  })
})
