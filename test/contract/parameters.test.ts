import {
  GetParameterCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  UnlabelParameterVersionCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm'
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

contract('parameters', (target) => {
  test('a parameter is read back with its type, version, date and ARN', async () => {
    const Name = await put(target)
    const { Parameter } = await read(target, Name)
    expect(Parameter).toMatchObject({ Name, Type: 'String', Value: 'v1', Version: 1, DataType: 'text' })
    expect(Parameter?.LastModifiedDate).toBeInstanceOf(Date)
    expect(Parameter?.ARN).toMatch(new RegExp(`^arn:aws:ssm:us-east-1:\\d{12}:parameter${Name}$`))
    expect(Parameter?.Selector).toBeUndefined()
  })

  test('a parameter answers to its ARN', async () => {
    const Name = await put(target)
    const { Parameter } = await read(target, Name)
    expect((await read(target, Parameter?.ARN ?? '')).Parameter).toMatchObject({ Name, Value: 'v1' })
  })

  test('/X and X are the same parameter', async () => {
    const Name = await put(target)
    expect((await read(target, Name.slice(1))).Parameter?.Value).toBe('v1')
  })

  test('a parameter that is not there is not found', async () => {
    const failure = await failureOf(read(target, `/${unique('contract-none')}`))
    expect(failure).toMatchObject({ name: 'ParameterNotFound', status: 400 })
  })

  test('a SecureString shows its value only with decryption', async () => {
    const Name = await put(target, { Type: 'SecureString', Value: 'hunter2' })
    expect((await read(target, Name, true)).Parameter?.Value).toBe('hunter2')
    const { Parameter } = await read(target, Name)
    expect(Parameter?.Type).toBe('SecureString')
    expect(Parameter?.Value?.includes('hunter2') === true ? 'shown' : 'hidden').toBe(
      target.expects('ciphertext'),
    )
  })

  test('a StringList comes as one text with commas', async () => {
    const Name = await put(target, { Type: 'StringList', Value: 'a,b' })
    expect((await read(target, Name)).Parameter).toMatchObject({ Type: 'StringList', Value: 'a,b' })
  })

  test('an existing parameter is not overwritten by accident', async () => {
    const Name = await put(target)
    expect(await failureOf(put(target, { Name }))).toMatchObject({
      name: 'ParameterAlreadyExists',
      status: 400,
    })
  })

  test('each overwriting makes a new version', async () => {
    const Name = await putVersions(target, 3)
    expect((await read(target, Name)).Parameter).toMatchObject({ Value: 'v3', Version: 3 })
  })

  test('a version is selected by its number, and the answer says so', async () => {
    const Name = await putVersions(target, 2)
    const { Parameter } = await read(target, `${Name}:1`)
    expect(Parameter).toMatchObject({ Name, Value: 'v1', Version: 1 })
    expect(Parameter?.Selector).toBe(target.expects('selector') === 'given' ? ':1' : undefined)
  })

  test('a version that is not there is not found', async () => {
    const Name = await put(target)
    expect(await failureOf(read(target, `${Name}:9`))).toMatchObject({
      name: 'ParameterVersionNotFound',
      message: `Systems Manager could not find version 9 of ${Name}. Verify the version and try again.`,
      status: 400,
    })
  })

  test('a label selects a version, and moves when it is given to another', async () => {
    const Name = await putVersions(target, 2)
    await label(target, Name, 1, ['prod'])
    const { Parameter } = await read(target, `${Name}:prod`)
    expect(Parameter).toMatchObject({ Name, Value: 'v1' })
    expect(Parameter?.Selector).toBe(target.expects('selector') === 'given' ? ':prod' : undefined)
    await label(target, Name, 2, ['prod'])
    expect((await read(target, `${Name}:prod`)).Parameter?.Value).toBe('v2')
  })

  test('a label that is not there is not found', async () => {
    const Name = await put(target)
    const failure = await failureOf(read(target, `${Name}:none`))
    expect(failure.name).toBe(target.expects('unknownLabel'))
  })

  test('labels that break the rules come back, and the rest is attached', async () => {
    const Name = await put(target)
    expect(await label(target, Name, 1, ['1st', 'aws-x', 'fine'])).toMatchObject({
      InvalidLabels: ['1st', 'aws-x'],
      ParameterVersion: 1,
    })
    expect((await read(target, `${Name}:fine`)).Parameter?.Version).toBe(1)
  })

  test('a label is removed from its version', async () => {
    const Name = await put(target)
    await label(target, Name, 1, ['old'])
    const input = { Name, ParameterVersion: 1, Labels: ['old', 'never'] }
    expect(await client(target).send(new UnlabelParameterVersionCommand(input))).toMatchObject({
      RemovedLabels: ['old'],
      InvalidLabels: ['never'],
    })
  })

  test.each([
    ['a reserved prefix', { Name: 'aws-thing' }, 'ValidationException'],
    ['an empty value', { Value: '' }, 'ValidationException'],
    ['a type that does not exist', { Type: 'Number' as 'String' }, 'ValidationException'],
    ['a data type that does not exist', { DataType: 'Text' }, 'ValidationException'],
    [
      'overwriting together with tags',
      { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      'ValidationException',
    ],
  ])('putting is refused for %s', async (_title, options, name) => {
    expect((await failureOf(put(target, options))).name).toBe(name)
  })

  test('a hundred versions are kept, and a label holds the oldest', async () => {
    const Name = await putVersions(target, 100)
    await label(target, Name, 1, ['keep'])
    const failure = await failureOf(put(target, { Name, Overwrite: true }))
    expect(failure.name).toBe('ParameterMaxVersionLimitExceeded')
    await client(target).send(
      new UnlabelParameterVersionCommand({ Name, ParameterVersion: 1, Labels: ['keep'] }),
    )
    await put(target, { Name, Overwrite: true })
    expect((await failureOf(read(target, `${Name}:1`))).name).toBe('ParameterVersionNotFound')
  })
})
