import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { expect, test } from 'vitest'
import { failureOf } from '../support/sdk.js'
import { contract, unique, type Target } from './target.js'

const client = (target: Target) => target.sdk().ssm

async function put(target: Target, options: Partial<PutParameterCommandInput> = {}) {
  const Name = options.Name ?? `/${unique('contract')}`
  await client(target).send(new PutParameterCommand({ Value: 'v1', Type: 'String', ...options, Name }))
  return Name
}

async function putVersions(target: Target, count: number) {
  const Name = await put(target)
  for (let version = 2; version <= count; version += 1)
    await put(target, { Name, Value: `v${version}`, Overwrite: true })
  return Name
}

const read = (target: Target, Name: string, WithDecryption = false) =>
  client(target).send(new GetParameterCommand({ Name, WithDecryption }))

const label = (target: Target, Name: string, ParameterVersion: number, Labels: string[]) =>
  client(target).send(new LabelParameterVersionCommand({ Name, ParameterVersion, Labels }))

contract('lists of parameters', (target) => {
  test('many are read in one call, and those that are not there are named', async () => {
    const [a, b] = [await put(target, { Value: 'a' }), await putVersions(target, 2)]
    const none = `/${unique('contract-none')}`
    const Names = [`${b}:1`, none, a]
    const answer = await client(target).send(new GetParametersCommand({ Names }))
    const values = answer.Parameters?.map(({ Name, Value, Selector }) => ({ Name, Value, Selector }))
    expect(values).toEqual(expect.arrayContaining([{ Name: a, Value: 'a', Selector: undefined }]))
    expect(values).toEqual(expect.arrayContaining([expect.objectContaining({ Name: b, Value: 'v1' })]))
    expect(answer.InvalidParameters).toEqual([none])
  })

  test('more than ten names are refused with AWS’s text', async () => {
    const Names = Array.from({ length: 11 }, (_, index) => `n${index}`)
    const failure = await failureOf(client(target).send(new GetParametersCommand({ Names })))
    expect(failure).toEqual({
      name: 'ValidationException',
      message:
        `1 validation error detected: Value '[${Names.join(', ')}]' at 'names' failed to satisfy constraint: ` +
        `Member must have length less than or equal to 10${target.expects('endOfLimitText')}`,
      status: 400,
    })
  })

  test('a path shows what lies directly below it, or everything, page by page', async () => {
    const root = `/${unique('contract-tree')}`
    for (const name of ['a', 'b', 'deep/c', 'deep/er/d']) await put(target, { Name: `${root}/${name}` })
    const names = async (Recursive: boolean) => {
      const found: (string | undefined)[] = []
      let NextToken: string | undefined
      do {
        const input = { Path: root, Recursive, MaxResults: 2, ...(NextToken !== undefined && { NextToken }) }
        const page = await client(target).send(new GetParametersByPathCommand(input))
        expect(page.Parameters?.length).toBeLessThanOrEqual(2)
        found.push(...(page.Parameters ?? []).map(({ Name }) => Name?.slice(root.length + 1)))
        NextToken = page.NextToken
      } while (NextToken !== undefined)
      return found.toSorted()
    }
    expect(await names(false)).toEqual(['a', 'b'])
    expect(await names(true)).toEqual(['a', 'b', 'deep/c', 'deep/er/d'])
  })

  test('a page of a path holds ten parameters at most', async () => {
    const request = client(target).send(new GetParametersByPathCommand({ Path: '/x', MaxResults: 11 }))
    expect((await failureOf(request)).name).toBe('ValidationException')
  })

  test('a path knows only its own filters', async () => {
    const ParameterFilters = [{ Key: 'Name', Values: ['x'] }]
    const request = client(target).send(new GetParametersByPathCommand({ Path: '/x', ParameterFilters }))
    expect((await failureOf(request)).name).toBe('InvalidFilterKey')
  })

  test('a path is filtered by type', async () => {
    const root = `/${unique('contract-types')}`
    await put(target, { Name: `${root}/plain` })
    await put(target, { Name: `${root}/secret`, Type: 'SecureString' })
    const ParameterFilters = [{ Key: 'Type', Values: ['SecureString'] }]
    const { Parameters } = await client(target).send(
      new GetParametersByPathCommand({ Path: root, ParameterFilters }),
    )
    expect(Parameters?.map(({ Name }) => Name)).toEqual([`${root}/secret`])
  })

  test('the history tells every version with its labels', async () => {
    const Name = await putVersions(target, 2)
    await label(target, Name, 1, ['first'])
    const { Parameters } = await client(target).send(new GetParameterHistoryCommand({ Name }))
    expect(Parameters).toMatchObject([
      { Version: 1, Value: 'v1', Labels: ['first'] },
      { Version: 2, Value: 'v2', Labels: [] },
    ])
  })

  test('descriptions show everything but the value', async () => {
    const Name = await put(target, { Type: 'SecureString', Description: 'words' })
    const ParameterFilters = [{ Key: 'Name', Values: [Name] }]
    const { Parameters } = await client(target).send(new DescribeParametersCommand({ ParameterFilters }))
    expect(Parameters).toMatchObject([
      { Name, Type: 'SecureString', Description: 'words', Version: 1, KeyId: 'alias/aws/ssm' },
    ])
    expect(Parameters?.[0]).not.toHaveProperty('Value')
  })

  test('a deleted parameter is gone, and deleting it again is an error', async () => {
    const Name = await put(target)
    await client(target).send(new DeleteParameterCommand({ Name }))
    expect((await failureOf(read(target, Name))).name).toBe('ParameterNotFound')
    const again = client(target).send(new DeleteParameterCommand({ Name }))
    expect((await failureOf(again)).name).toBe('ParameterNotFound')
  })

  test('many are deleted at once, and those that are not there are named', async () => {
    const [Name, none] = [await put(target), `/${unique('contract-none')}`]
    expect(await client(target).send(new DeleteParametersCommand({ Names: [Name, none] }))).toMatchObject({
      DeletedParameters: [Name],
      InvalidParameters: [none],
    })
  })

  test('a secret can be read through Parameter Store', async () => {
    const secret = unique('contract-bridge')
    await target.sdk().secretsManager.send(new CreateSecretCommand({ Name: secret, SecretString: 'bridged' }))
    const Name = `/aws/reference/secretsmanager/${secret}`
    const { Parameter } = await read(target, Name, true)
    expect(Parameter).toMatchObject({ Type: 'SecureString', Value: 'bridged', Version: 0 })
    expect(JSON.parse(Parameter?.SourceResult ?? '')).toMatchObject({ Name: secret })
    expect((await failureOf(read(target, Name, false))).name).toBe('ValidationException')
    expect((await failureOf(read(target, `${Name}-none`, true))).name).toBe('ParameterNotFound')
  })
})
