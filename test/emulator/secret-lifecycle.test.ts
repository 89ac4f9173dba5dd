import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { DAY_MS, refusalOf, start } from './setup.js'

const MARKED = {
  code: 'InvalidRequestException',
  text: "You can't perform this operation on the secret because it was marked for deletion.",
}
const NOT_FOUND = {
  code: 'ResourceNotFoundException',
  text: "Secrets Manager can't find the specified secret.",
}

const remove = (emulator: Emulator, input: object = {}) =>
  emulator.call('DeleteSecret', { SecretId: 'a', ...input })
const read = (emulator: Emulator, SecretId: unknown = 'a') => emulator.call('GetSecretValue', { SecretId })

async function startWithSecret() {
  const started = await start()
  const { ARN } = started.emulator.call('CreateSecret', { Name: 'a', SecretString: 'v' })
  return { ...started, arn: String(ARN) }
}

describe('deleting a secret', () => {
  test('takes thirty days unless told otherwise', async () => {
    const { emulator, clock, arn } = await startWithSecret()
    const DeletionDate = (clock.now() + 30 * DAY_MS) / 1000
    expect(remove(emulator)).toEqual({ ARN: arn, Name: 'a', DeletionDate })
    expect(emulator.call('DescribeSecret', { SecretId: 'a' })['DeletedDate']).toBe(DeletionDate)
  })

  test.each([
    ['GetSecretValue', {}],
    ['PutSecretValue', { SecretString: 'x' }],
    ['UpdateSecret', {}],
    ['ListSecretVersionIds', {}],
    ['UpdateSecretVersionStage', { VersionStage: 'x' }],
    ['RotateSecret', {}],
    ['CancelRotateSecret', {}],
    ['TagResource', { Tags: [] }],
    ['UntagResource', { TagKeys: [] }],
  ] as const)('makes %s fail at once', async (operation, input) => {
    const { emulator } = await startWithSecret()
    remove(emulator)
    expect(refusalOf(() => emulator.call(operation, { SecretId: 'a', ...input }))).toEqual(MARKED)
  })

  test('is an error of its own in a batch, and hides the secret from filters', async () => {
    const { emulator } = await startWithSecret()
    remove(emulator)
    expect(emulator.call('BatchGetSecretValue', { SecretIdList: ['a'] })).toEqual({
      SecretValues: [],
      Errors: [{ SecretId: 'a', ErrorCode: MARKED.code, Message: MARKED.text }],
    })
    const Filters = [{ Key: 'all', Values: ['a'] }]
    expect(emulator.call('BatchGetSecretValue', { Filters })).toEqual({ SecretValues: [], Errors: [] })
  })

  test('can be taken back until its day comes', async () => {
    const { emulator, clock } = await startWithSecret()
    remove(emulator, { RecoveryWindowInDays: 7 })
    clock.advance(7 * DAY_MS - 1)
    emulator.call('RestoreSecret', { SecretId: 'a' })
    clock.advance(DAY_MS)
    expect(read(emulator)['SecretString']).toBe('v')
    expect(emulator.call('DescribeSecret', { SecretId: 'a' })).not.toHaveProperty('DeletedDate')
  })

  test('cannot be taken back after that, and frees the name', async () => {
    const { emulator, clock, arn } = await startWithSecret()
    remove(emulator, { RecoveryWindowInDays: 7 })
    clock.advance(7 * DAY_MS)
    expect(refusalOf(() => emulator.call('RestoreSecret', { SecretId: 'a' }))).toEqual(NOT_FOUND)
    const again = emulator.call('CreateSecret', { Name: 'a', SecretString: 'new' })
    expect(again['ARN']).not.toBe(arn)
    expect(refusalOf(() => read(emulator, arn))).toEqual(NOT_FOUND)
  })

  test('reserves the name as long as it lasts, and cannot be asked for twice', async () => {
    const { emulator } = await startWithSecret()
    remove(emulator)
    expect(refusalOf(() => emulator.call('CreateSecret', { Name: 'a' }))).toEqual({
      code: 'InvalidRequestException',
      text: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    })
    expect(refusalOf(() => remove(emulator))).toEqual({
      code: 'InvalidRequestException',
      text: "You can't perform this operation on the secret because it was already scheduled for deletion.",
    })
  })

  test('by force is immediate, also for a secret that is scheduled already or is not there', async () => {
    const { emulator, clock } = await startWithSecret()
    remove(emulator)
    const forced = { ForceDeleteWithoutRecovery: true }
    expect(remove(emulator, forced)).toMatchObject({ Name: 'a', DeletionDate: clock.now() / 1000 })
    expect(refusalOf(() => read(emulator))).toEqual(NOT_FOUND)
    expect(remove(emulator, forced)).toMatchObject({ Name: 'a' })
    expect(refusalOf(() => remove(emulator))).toEqual(NOT_FOUND)
  })

  test.each([
    [
      { RecoveryWindowInDays: 6 },
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    ],
    [
      { RecoveryWindowInDays: 31 },
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    ],
    [
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    ],
  ])('is refused with %j', async (input, text) => {
    const { emulator } = await startWithSecret()
    expect(refusalOf(() => remove(emulator, input))).toEqual({ code: 'InvalidParameterException', text })
  })
})

describe('naming a secret', () => {
  test.each([
    ['its name', 'name', true],
    ['its ARN', 'arn', true],
    ['its ARN without the suffix', 'partial', true],
    ['its ARN with another suffix', 'otherSuffix', false],
    ['its ARN in another region', 'otherRegion', false],
    ['its ARN in another account', 'otherAccount', false],
    ['the beginning of its name', 'beginning', false],
    ['its name in capitals', 'capitals', false],
  ])('%s finds it or not', async (_title, way, isFound) => {
    const { emulator } = await start()
    const arn = String(emulator.call('CreateSecret', { Name: 'prod/db', SecretString: 'v' })['ARN'])
    const ids: Record<string, string> = {
      name: 'prod/db',
      arn,
      partial: arn.slice(0, -7),
      otherSuffix: `${arn.slice(0, -6)}000000`,
      otherRegion: arn.replace('us-east-1', 'eu-west-1'),
      otherAccount: arn.replace('123456789012', '111122223333'),
      beginning: 'prod',
      capitals: 'PROD/DB',
    }
    const outcome = () => read(emulator, ids[way])['Name']
    if (isFound) expect(outcome()).toBe('prod/db')
    else expect(refusalOf(outcome)).toEqual(NOT_FOUND)
  })

  test('a name that ends like a suffix is found by name and full ARN, not by partial ARN', async () => {
    const { emulator } = await start()
    const arn = String(emulator.call('CreateSecret', { Name: 'db-abcdef', SecretString: 'v' })['ARN'])
    expect(read(emulator, 'db-abcdef')['Name']).toBe('db-abcdef')
    expect(read(emulator, arn)['Name']).toBe('db-abcdef')
    expect(refusalOf(() => read(emulator, arn.slice(0, -7)))).toEqual(NOT_FOUND)
  })

  test.each(['a b', 'a:b', 'a#b', 'ä', '{a}'])(
    '%j is no possible name, neither to create nor to read',
    async (name) => {
      const { emulator } = await start()
      const refused = {
        code: 'ValidationException',
        text: 'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      }
      expect(refusalOf(() => emulator.call('CreateSecret', { Name: name }))).toEqual(refused)
      expect(refusalOf(() => read(emulator, name))).toEqual(refused)
      expect(refusalOf(() => remove(emulator, { SecretId: name, ForceDeleteWithoutRecovery: true }))).toEqual(
        refused,
      )
    },
  )

  test('every character that AWS allows may be in a name', async () => {
    const { emulator } = await start()
    emulator.seed({ secrets: { 'rds!A9/_+=.@-': 'v' } })
    expect(read(emulator, 'rds!A9/_+=.@-')['SecretString']).toBe('v')
  })
})

describe('values', () => {
  test.each([
    ['the longest text', { SecretString: 'x'.repeat(65_536) }],
    ['a text of many bytes', { SecretString: '€'.repeat(21_845) }],
    ['an empty text', { SecretString: '' }],
    ['the longest bytes', { SecretBinary: Buffer.alloc(65_536).toString('base64') }],
  ])('%s is kept', async (_title, input) => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a', ...input })
    expect(read(emulator)).toMatchObject(input)
  })

  test.each([
    ['a text that is too long', { SecretString: 'x'.repeat(65_537) }, 'secretString'],
    ['a text of too many bytes', { SecretString: '€'.repeat(21_846) }, 'secretString'],
    ['bytes that are too long', { SecretBinary: Buffer.alloc(65_537).toString('base64') }, 'secretBinary'],
  ])('%s is refused', async (_title, input, member) => {
    const { emulator } = await start()
    expect(refusalOf(() => emulator.call('CreateSecret', { Name: 'a', ...input }))).toEqual({
      code: 'ValidationException',
      text: `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to 65536`,
    })
    expect(refusalOf(() => read(emulator))).toEqual(NOT_FOUND)
  })
})
