import { describe, expect, test } from 'vitest'
import type { Emulator, OperationName } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

/** Names on each page, until there is no more token. */
function pages(emulator: Emulator, operation: OperationName, member: string, input: object): string[][] {
  const found: string[][] = []
  let next: object | undefined = {}
  while (next !== undefined) {
    const page = emulator.call(operation, { ...input, ...next })
    const items: unknown = page[member]
    found.push(
      Array.isArray(items)
        ? items.map((item: { Name?: string; VersionId?: string }) => item.Name ?? item.VersionId ?? '')
        : [],
    )
    next = page['NextToken'] === undefined ? undefined : { NextToken: page['NextToken'] }
  }
  return found
}

const list = (emulator: Emulator, input: object = {}) =>
  pages(emulator, 'ListSecrets', 'SecretList', input).flat()

async function startWithSecrets() {
  const started = await start()
  const { emulator, clock } = started
  const secrets = [
    { Name: 'prod/db', Description: 'Orders Database', Tags: [{ Key: 'team', Value: 'Orders' }] },
    { Name: 'prod/api', Description: 'keys of partners', Tags: [{ Key: 'Team', Value: 'web' }] },
    { Name: 'test/db', Tags: [{ Key: 'stage' }] },
  ]
  for (const secret of secrets) {
    emulator.call('CreateSecret', { ...secret, SecretString: `value of ${secret.Name}` })
    clock.advance(1000)
  }
  return started
}

describe('ListSecrets', () => {
  test.each<[string, object, string[]]>([
    ['newest first by default', {}, ['test/db', 'prod/api', 'prod/db']],
    ['oldest first', { SortOrder: 'asc' }, ['prod/db', 'prod/api', 'test/db']],
    ['by name', { SortBy: 'name', SortOrder: 'asc' }, ['prod/api', 'prod/db', 'test/db']],
    ['by last change', { SortBy: 'last-changed-date' }, ['prod/db', 'test/db', 'prod/api']],
    ['by last access', { SortBy: 'last-accessed-date' }, ['prod/api', 'test/db', 'prod/db']],
  ])('sorts %s', async (_title, input, names) => {
    const { emulator } = await startWithSecrets()
    emulator.call('UpdateSecret', { SecretId: 'prod/db' })
    emulator.call('GetSecretValue', { SecretId: 'prod/api' })
    expect(list(emulator, input)).toEqual(names)
  })

  test.each<[string, string[], string[]]>([
    ['name', ['prod/'], ['prod/api', 'prod/db']],
    ['name', ['prod/d', 'test'], ['prod/db', 'test/db']],
    ['name', ['!prod/'], ['test/db']],
    ['name', ['PROD'], []],
    ['description', ['orders'], ['prod/db']],
    ['tag-key', ['team'], ['prod/db']],
    ['tag-value', ['web'], ['prod/api']],
    ['all', ['ORDERS'], ['prod/db']],
    ['all', ['team'], ['prod/api', 'prod/db']],
    ['primary-region', ['us'], []],
    ['owning-service', ['rds'], []],
  ])('filters %s by the beginnings %j', async (Key, Values, names) => {
    const { emulator } = await startWithSecrets()
    expect(list(emulator, { Filters: [{ Key, Values }] }).toSorted()).toEqual(names)
  })

  test('wants every filter to pass', async () => {
    const { emulator } = await startWithSecrets()
    const Filters = [{ Key: 'name', Values: ['prod'] }, { Values: ['keys'] }]
    expect(list(emulator, { Filters })).toEqual(['prod/api'])
  })

  test('leaves out what is scheduled for deletion, unless asked', async () => {
    const { emulator } = await startWithSecrets()
    emulator.call('DeleteSecret', { SecretId: 'prod/db' })
    expect(list(emulator)).toEqual(['test/db', 'prod/api'])
    expect(list(emulator, { IncludePlannedDeletion: true })).toHaveLength(3)
  })

  test('comes in pages', async () => {
    const { emulator } = await startWithSecrets()
    expect(pages(emulator, 'ListSecrets', 'SecretList', { MaxResults: 2, SortOrder: 'asc' })).toEqual([
      ['prod/db', 'prod/api'],
      ['test/db'],
    ])
  })

  test('tells everything but the value', async () => {
    const { emulator, clock } = await start()
    const { VersionId } = emulator.call('CreateSecret', {
      Name: 'a',
      SecretString: 'NEEDLE',
      KmsKeyId: 'alias/mine',
    })
    const { SecretList } = emulator.call('ListSecrets')
    expect(SecretList).toEqual([
      {
        ARN: expect.stringContaining(':secret:a-') as string,
        Name: 'a',
        KmsKeyId: 'alias/mine',
        LastChangedDate: clock.now() / 1000,
        CreatedDate: clock.now() / 1000,
        SecretVersionsToStages: { [String(VersionId)]: ['AWSCURRENT'] },
      },
    ])
  })
})

describe('ListSecretVersionIds', () => {
  test('tells stages, dates and keys, in pages, and versions without a label only when asked', async () => {
    const { emulator, clock } = await start()
    const first = emulator.call('CreateSecret', { Name: 'a', SecretString: 'v1' })['VersionId']
    const second = emulator.call('PutSecretValue', { SecretId: 'a', SecretString: 'v2' })['VersionId']
    emulator.call('UpdateSecret', { SecretId: 'a', KmsKeyId: 'alias/mine' })
    const third = emulator.call('PutSecretValue', { SecretId: 'a', SecretString: 'v3' })['VersionId']
    emulator.call('GetSecretValue', { SecretId: 'a' })
    const CreatedDate = clock.now() / 1000
    expect(emulator.call('ListSecretVersionIds', { SecretId: 'a' })).toMatchObject({
      Name: 'a',
      Versions: [
        {
          VersionId: second,
          VersionStages: ['AWSPREVIOUS'],
          CreatedDate,
          KmsKeyIds: ['DefaultEncryptionKey'],
        },
        {
          VersionId: third,
          VersionStages: ['AWSCURRENT'],
          LastAccessedDate: expect.any(Number) as number,
          KmsKeyIds: ['alias/mine'],
        },
      ],
    })
    const input = { SecretId: 'a', IncludeDeprecated: true, MaxResults: 2 }
    expect(pages(emulator, 'ListSecretVersionIds', 'Versions', input)).toEqual([[first, second], [third]])
  })
})

describe('BatchGetSecretValue', () => {
  test('answers in an order that is not that of the request', async () => {
    const { emulator } = await startWithSecrets()
    const SecretIdList = ['test/db', 'prod/db', 'none', 'prod/api']
    expect(emulator.call('BatchGetSecretValue', { SecretIdList })).toMatchObject({
      SecretValues: [{ Name: 'prod/db' }, { Name: 'prod/api' }, { Name: 'test/db' }],
      Errors: [{ SecretId: 'none', ErrorCode: 'ResourceNotFoundException' }],
    })
  })

  test('answers for filters in pages', async () => {
    const { emulator } = await startWithSecrets()
    const input = { Filters: [{ Key: 'name', Values: ['!none'] }], MaxResults: 2 }
    expect(pages(emulator, 'BatchGetSecretValue', 'SecretValues', input)).toEqual([
      ['prod/db', 'prod/api'],
      ['test/db'],
    ])
  })

  test('reports a secret without a value as its own error', async () => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a' })
    expect(emulator.call('BatchGetSecretValue', { SecretIdList: ['a'] })['Errors']).toEqual([
      {
        SecretId: 'a',
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
      },
    ])
  })

  test.each<[object, string]>([
    [{}, "Either 'SecretIdList' or 'Filters' must be provided."],
    [
      { SecretIdList: ['a'], Filters: [] },
      "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
    ],
    [
      { SecretIdList: ['a'], MaxResults: 5 },
      "'Filters' not specified. 'Filters' must also be specified when",
    ],
  ])('refuses %j', async (input, text) => {
    const { emulator } = await start()
    const refused = refusalOf(() => emulator.call('BatchGetSecretValue', input))
    expect(refused.code).toBe('InvalidParameterException')
    expect(refused.text).toContain(text)
  })
})

describe('tags', () => {
  test('are added, replaced and removed', async () => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a', Tags: [{ Key: 'x', Value: '1' }] })
    emulator.call('TagResource', {
      SecretId: 'a',
      Tags: [
        { Key: 'x', Value: '2' },
        { Key: 'y', Value: '3' },
      ],
    })
    const tags = () => emulator.call('DescribeSecret', { SecretId: 'a' })['Tags']
    expect(tags()).toEqual([
      { Key: 'x', Value: '2' },
      { Key: 'y', Value: '3' },
    ])
    emulator.call('UntagResource', { SecretId: 'a', TagKeys: ['x', 'y', 'z'] })
    expect(tags()).toBeUndefined()
  })

  test('are fifty at most', async () => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a' })
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    expect(refusalOf(() => emulator.call('TagResource', { SecretId: 'a', Tags })).code).toBe(
      'InvalidParameterException',
    )
  })
})
