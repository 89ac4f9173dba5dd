import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

const NOT_FOUND = { code: 'ParameterNotFound', text: undefined }

const put = (emulator: Emulator, Name: string, Value = 'v', options: object = {}) =>
  emulator.call('PutParameter', { Name, Value, Type: 'String', ...options })

function read(emulator: Emulator, Name: string, options: object = {}): Record<string, unknown> {
  const { Parameter } = emulator.call('GetParameter', { Name, ...options })
  return { ...(typeof Parameter === 'object' ? Parameter : {}) }
}

/** Three versions; the first has the label `old`, the second `mid`. */
async function startWithVersions() {
  const { emulator, ...rest } = await start()
  for (const value of ['v1', 'v2', 'v3']) put(emulator, '/a', value, { Overwrite: true })
  emulator.call('LabelParameterVersion', { Name: '/a', ParameterVersion: 1, Labels: ['old'] })
  emulator.call('LabelParameterVersion', { Name: '/a', ParameterVersion: 2, Labels: ['mid'] })
  return { emulator, ...rest }
}

describe('naming a parameter', () => {
  test.each([
    ['/X after X', 'X', '/X'],
    ['X after /X', '/X', 'X'],
    ['X after X', 'X', 'X'],
    ['its ARN', '/p/x', 'arn:aws:ssm:us-east-1:123456789012:parameter/p/x'],
    ['its ARN with a version', '/p/x', 'arn:aws:ssm:us-east-1:123456789012:parameter/p/x:1'],
    ['its name with spaces around it', '/p/x', ' /p/x '],
  ])('%s finds it, under the name it was made with', async (_title, made, asked) => {
    const { emulator } = await start()
    put(emulator, made)
    expect(read(emulator, asked)).toMatchObject({ Name: made, Value: 'v' })
  })

  test.each([
    ['another name', '/p/y'],
    ['its name in capitals', '/P/X'],
    ['the path above it', '/p'],
    ['its ARN in another region', 'arn:aws:ssm:eu-west-1:123456789012:parameter/p/x'],
    ['its ARN in another account', 'arn:aws:ssm:us-east-1:111122223333:parameter/p/x'],
  ])('%s does not find it', async (_title, asked) => {
    const { emulator } = await start()
    put(emulator, '/p/x')
    expect(refusalOf(() => read(emulator, asked))).toEqual(NOT_FOUND)
  })

  test.each([
    ['p/x', 'Parameter name must be a fully qualified name.'],
    ['/p x', 'Parameter name: can\'t be prefixed with "ssm"'],
    ['/p//x', 'Parameter name: can\'t be prefixed with "ssm"'],
    ['arn:aws:s3:::bucket', 'Parameter name: can\'t be prefixed with "ssm"'],
  ])('%j is malformed: an error alone, an invalid name among others', async (asked, text) => {
    const { emulator } = await start()
    put(emulator, '/p/x')
    const refused = refusalOf(() => read(emulator, asked))
    expect(refused.code).toBe('ValidationException')
    expect(refused.text).toContain(text)
    expect(emulator.call('GetParameters', { Names: [asked, '/p/x'] })).toMatchObject({
      Parameters: [{ Name: '/p/x' }],
      InvalidParameters: [asked],
    })
  })

  test.each([
    ['aws-thing', 'ValidationException'],
    ['/SSM/x/y', 'ValidationException'],
    ['/aws/x', 'AccessDeniedException'],
    ['p/x', 'ValidationException'],
    ['/p/x/', 'ValidationException'],
    ['/p/ä', 'ValidationException'],
    [`/${Array.from({ length: 16 }, () => 'l').join('/')}`, 'HierarchyLevelLimitExceededException'],
    [`/${'n'.repeat(1000)}`, 'ValidationException'],
  ])('%s cannot be made', async (name, code) => {
    const { emulator } = await start()
    expect(refusalOf(() => put(emulator, name)).code).toBe(code)
  })

  test('fifteen levels and every allowed character can be made', async () => {
    const { emulator } = await start()
    const name = `/${Array.from({ length: 15 }, () => 'Az09_.-').join('/')}`
    put(emulator, name)
    expect(read(emulator, name)['Value']).toBe('v')
  })
})

describe('versions and labels', () => {
  test.each([
    ['/a', 'v3', undefined],
    ['/a:1', 'v1', ':1'],
    ['/a:3', 'v3', ':3'],
    ['/a:old', 'v1', ':old'],
    ['a:mid', 'v2', ':mid'],
  ])('%s selects %s', async (asked, value, selector) => {
    const { emulator } = await startWithVersions()
    const parameter = read(emulator, asked)
    expect(parameter).toMatchObject({ Name: '/a', Value: value })
    expect(parameter['Selector']).toBe(selector)
  })

  test.each([
    ['/a:4', 'Systems Manager could not find version 4 of /a. Verify the version and try again.'],
    [
      '/a:none',
      'Systems Manager could not find label none for parameter /a. Verify the label and try again.',
    ],
  ])('%s is not found, and never the latest instead', async (asked, text) => {
    const { emulator } = await startWithVersions()
    expect(refusalOf(() => read(emulator, asked))).toEqual({ code: 'ParameterVersionNotFound', text })
    expect(emulator.call('GetParameters', { Names: [asked] })).toEqual({
      Parameters: [],
      InvalidParameters: [asked],
    })
  })

  test('a label lives on one version and moves by itself', async () => {
    const { emulator } = await startWithVersions()
    emulator.call('LabelParameterVersion', { Name: '/a', Labels: ['old'] })
    expect(read(emulator, '/a:old')['Version']).toBe(3)
    expect(emulator.call('GetParameterHistory', { Name: '/a' })).toMatchObject({
      Parameters: [
        { Version: 1, Value: 'v1', Labels: [] },
        { Version: 2, Value: 'v2', Labels: ['mid'] },
        { Version: 3, Value: 'v3', Labels: ['old'] },
      ],
    })
  })

  test('labels that break the rules come back and are not attached', async () => {
    const { emulator } = await startWithVersions()
    const Labels = ['1st', 'awsome', 'SSM', 'a b', 'fine.One-2_']
    expect(emulator.call('LabelParameterVersion', { Name: '/a', Labels })).toEqual({
      InvalidLabels: ['1st', 'awsome', 'SSM', 'a b'],
      ParameterVersion: 3,
    })
  })

  test('a version has ten labels at most', async () => {
    const { emulator } = await startWithVersions()
    const Labels = Array.from({ length: 10 }, (_, index) => `l${index}`)
    emulator.call('LabelParameterVersion', { Name: '/a', Labels })
    const another = () => emulator.call('LabelParameterVersion', { Name: '/a', Labels: ['one-more'] })
    expect(refusalOf(another).code).toBe('ParameterVersionLabelLimitExceeded')
  })

  test('a hundred versions are kept; a label on the oldest stops the next', async () => {
    const { emulator } = await startWithVersions()
    for (let version = 4; version <= 100; version += 1)
      put(emulator, '/a', `v${version}`, { Overwrite: true })
    const next = () => put(emulator, '/a', 'v101', { Overwrite: true })
    expect(refusalOf(next).code).toBe('ParameterMaxVersionLimitExceeded')
    const unlabel = { Name: '/a', ParameterVersion: 1, Labels: ['old', 'never'] }
    expect(emulator.call('UnlabelParameterVersion', unlabel)).toEqual({
      RemovedLabels: ['old'],
      InvalidLabels: ['never'],
    })
    expect(next()).toEqual({ Version: 101, Tier: 'Standard' })
    expect(refusalOf(() => read(emulator, '/a:1')).code).toBe('ParameterVersionNotFound')
  })
})
