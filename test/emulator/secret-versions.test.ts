import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { DAY_MS, refusalOf, start } from './setup.js'

const put = (emulator: Emulator, SecretString: string, options: object = {}) =>
  String(emulator.call('PutSecretValue', { SecretId: 'a', SecretString, ...options })['VersionId'])

const stages = (emulator: Emulator) =>
  emulator.call('DescribeSecret', { SecretId: 'a' })['VersionIdsToStages']

const read = (emulator: Emulator, input: object = {}) =>
  emulator.call('GetSecretValue', { SecretId: 'a', ...input })

const move = (emulator: Emulator, VersionStage: string, input: object) =>
  emulator.call('UpdateSecretVersionStage', { SecretId: 'a', VersionStage, ...input })

async function startWithVersions() {
  const { emulator, ...rest } = await start()
  const first = String(emulator.call('CreateSecret', { Name: 'a', SecretString: 'v1' })['VersionId'])
  const second = put(emulator, 'v2')
  return { emulator, first, second, ...rest }
}

describe('versions of a secret', () => {
  test('the first version is current, whatever stages were asked for', async () => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a' })
    const id = put(emulator, 'v1', { VersionStages: ['mine'] })
    expect(stages(emulator)).toEqual({ [id]: ['mine', 'AWSCURRENT'] })
  })

  test('a repeated creation is answered again if token and value are the same', async () => {
    const { emulator } = await start()
    const ClientRequestToken = randomUUID()
    const create = (SecretString?: string, token = ClientRequestToken) =>
      emulator.call('CreateSecret', {
        Name: 'a',
        ...(SecretString !== undefined && { SecretString }),
        ClientRequestToken: token,
      })
    const created = create('v1')
    expect(create('v1')).toEqual(created)
    expect(refusalOf(() => create('other')).code).toBe('ResourceExistsException')
    expect(refusalOf(() => create()).code).toBe('ResourceExistsException')
    expect(refusalOf(() => create('v1', randomUUID()))).toEqual({
      code: 'ResourceExistsException',
      text: 'The operation failed because the secret a already exists.',
    })
  })

  test('bytes are the same value only if every byte is', async () => {
    const { emulator } = await startWithVersions()
    const ClientRequestToken = randomUUID()
    const putBytes = (text: string) =>
      emulator.call('PutSecretValue', {
        SecretId: 'a',
        SecretBinary: Buffer.from(text).toString('base64'),
        ClientRequestToken,
      })
    expect(putBytes('b1')).toEqual(putBytes('b1'))
    expect(refusalOf(() => putBytes('b2')).code).toBe('ResourceExistsException')
    expect(refusalOf(() => put(emulator, 'b1', { ClientRequestToken }))).toEqual({
      code: 'ResourceExistsException',
      text: expect.stringMatching(
        new RegExp(
          `^You can't use ClientRequestToken ${ClientRequestToken} because that value is already in use`,
        ),
      ) as string,
    })
  })

  test('a repeated put with the same token moves no stage', async () => {
    const { emulator, second } = await startWithVersions()
    put(emulator, 'v3')
    const before = stages(emulator)
    expect(put(emulator, 'v2', { ClientRequestToken: second })).toBe(second)
    expect(stages(emulator)).toEqual(before)
  })

  test('an update changes metadata and, with a value, the current version', async () => {
    const { emulator, clock, second } = await startWithVersions()
    clock.advance(5000)
    const update = { SecretId: 'a', Description: 'words', KmsKeyId: 'alias/mine', Type: 'kind' }
    expect(emulator.call('UpdateSecret', update)).not.toHaveProperty('VersionId')
    expect(emulator.call('DescribeSecret', { SecretId: 'a' })).toMatchObject({
      Description: 'words',
      KmsKeyId: 'alias/mine',
      Type: 'kind',
      LastChangedDate: clock.now() / 1000,
    })
    const third = String(emulator.call('UpdateSecret', { SecretId: 'a', SecretString: 'v3' })['VersionId'])
    expect(stages(emulator)).toEqual({ [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] })
  })

  test('a read tells when the secret was last accessed, to the day', async () => {
    const { emulator, clock } = await startWithVersions()
    expect(emulator.call('DescribeSecret', { SecretId: 'a' })).not.toHaveProperty('LastAccessedDate')
    read(emulator)
    const day = (Math.floor(clock.now() / DAY_MS) * DAY_MS) / 1000
    expect(emulator.call('DescribeSecret', { SecretId: 'a' })['LastAccessedDate']).toBe(day)
  })

  test('about a hundred are kept: older ones without a label go after a day', async () => {
    const { emulator, clock, first, second } = await startWithVersions()
    for (let version = 3; version <= 120; version += 1) put(emulator, `v${version}`)
    expect(read(emulator, { VersionId: first })['SecretString']).toBe('v1')
    move(emulator, 'keep', { MoveToVersionId: first })
    clock.advance(DAY_MS)
    put(emulator, 'last')
    expect(read(emulator, { VersionId: first })['SecretString']).toBe('v1')
    expect(refusalOf(() => read(emulator, { VersionId: second })).code).toBe('ResourceNotFoundException')
    const all = emulator.call('ListSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true })
    expect(all['Versions']).toHaveLength(100)
  })
})

describe('staging labels', () => {
  test('AWSCURRENT moves back and takes AWSPREVIOUS along', async () => {
    const { emulator, first, second } = await startWithVersions()
    expect(
      move(emulator, 'AWSCURRENT', { RemoveFromVersionId: second, MoveToVersionId: first }),
    ).toMatchObject({ Name: 'a' })
    expect(stages(emulator)).toEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] })
  })

  test('moving a label to the version that has it changes nothing', async () => {
    const { emulator, second } = await startWithVersions()
    const before = stages(emulator)
    move(emulator, 'AWSCURRENT', { MoveToVersionId: second })
    expect(stages(emulator)).toEqual(before)
  })

  test('a label that another version has needs its name, as a compare-and-swap', async () => {
    const { emulator, first, second } = await startWithVersions()
    move(emulator, 'mine', { MoveToVersionId: first })
    expect(refusalOf(() => move(emulator, 'mine', { MoveToVersionId: second }))).toEqual({
      code: 'InvalidParameterException',
      text:
        `The parameter RemoveFromVersionId can't be empty. Staging label mine is currently attached to version ${first}, ` +
        'so you must explicitly reference that version in RemoveFromVersionId.',
    })
    const wrong = { RemoveFromVersionId: second, MoveToVersionId: second }
    expect(refusalOf(() => move(emulator, 'mine', wrong))).toEqual({
      code: 'InvalidParameterException',
      text: `Version stage mine not found in version ${second}`,
    })
  })

  test.each<[string, string, object, string]>([
    ['AWSCURRENT cannot go', 'AWSCURRENT', {}, 'You can only move staging label AWSCURRENT'],
    [
      'a label goes only from a version that is named',
      'mine',
      {},
      'You must specify either RemoveFromVersionId',
    ],
    [
      'a version must exist to get one',
      'mine',
      { MoveToVersionId: 'x'.repeat(32) },
      'Not a valid version: xxx',
    ],
    [
      'a version must exist to lose one',
      'mine',
      { RemoveFromVersionId: 'x'.repeat(32) },
      'Not a valid version: xxx',
    ],
  ])('%s', async (_title, stage, input, text) => {
    const { emulator } = await startWithVersions()
    const refused = refusalOf(() => move(emulator, stage, input))
    expect(refused.code).toBe('InvalidParameterException')
    expect(refused.text).toContain(text)
  })

  test('AWSCURRENT cannot go even if its version is named', async () => {
    const { emulator, second } = await startWithVersions()
    const refused = refusalOf(() => move(emulator, 'AWSCURRENT', { RemoveFromVersionId: second }))
    expect(refused.text).toContain("It can't be completely removed.")
  })

  test('twenty is the most that a secret can carry, all versions together', async () => {
    const { emulator, first, second } = await startWithVersions()
    for (let label = 3; label <= 20; label += 1) {
      move(emulator, `label${label}`, { MoveToVersionId: label % 2 === 0 ? first : second })
    }
    expect(refusalOf(() => move(emulator, 'label21', { MoveToVersionId: first })).code).toBe(
      'LimitExceededException',
    )
    expect(refusalOf(() => put(emulator, 'v3', { VersionStages: ['label21'] })).code).toBe(
      'LimitExceededException',
    )
    expect(put(emulator, 'v3', { VersionStages: ['AWSCURRENT', 'label3'] })).toHaveLength(36)
  })
})
