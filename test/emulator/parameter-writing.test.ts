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

describe('PutParameter', () => {
  test.each<[string, object, string]>([
    ['an existing name without Overwrite', { Name: '/a' }, 'ParameterAlreadyExists'],
    ['no type for a new parameter', { Type: undefined }, 'ValidationException'],
    [
      'another type for an old one',
      { Name: '/a', Overwrite: true, Type: 'StringList' },
      'HierarchyTypeMismatchException',
    ],
    ['tags with Overwrite', { Overwrite: true, Tags: [{ Key: 'k', Value: 'v' }] }, 'ValidationException'],
    ['an empty value', { Value: '' }, 'ValidationException'],
    ['a value with a reference in it', { Value: 'x{{ssm:/b}}' }, 'ValidationException'],
    ['a key for a String', { KeyId: 'alias/mine' }, 'ValidationException'],
    ['a pattern that is none', { AllowedPattern: '(' }, 'InvalidAllowedPatternException'],
    [
      'a value that misses its pattern',
      { AllowedPattern: '\\d+', Value: '1a' },
      'ParameterPatternMismatchException',
    ],
    ['an unknown data type', { DataType: 'Text' }, 'ValidationException'],
    ['policies, which the emulator does not know', { Policies: '[]' }, 'ValidationException'],
  ])('refuses %s', async (_title, options, code) => {
    const { emulator } = await start()
    put(emulator, '/a')
    expect(refusalOf(() => put(emulator, '/new', 'v', options)).code).toBe(code)
    expect(refusalOf(() => read(emulator, '/new'))).toEqual(NOT_FOUND)
  })

  test.each<[string, number, object, string]>([
    ['Standard by default', 4096, {}, 'Standard'],
    ['Advanced when asked', 8192, { Tier: 'Advanced' }, 'Advanced'],
    ['Standard as long as that is enough', 4096, { Tier: 'Intelligent-Tiering' }, 'Standard'],
    ['Advanced as soon as it is needed', 4097, { Tier: 'Intelligent-Tiering' }, 'Advanced'],
  ])('puts a parameter into the tier %s', async (_title, length, options, Tier) => {
    const { emulator } = await start()
    expect(put(emulator, '/a', 'x'.repeat(length), options)).toEqual({ Version: 1, Tier })
  })

  test.each<[number, object, string]>([
    [4097, {}, 'Standard tier parameters support a maximum parameter value of 4096 characters.'],
    [
      8193,
      { Tier: 'Advanced' },
      "Value at 'value' failed to satisfy constraint: Member must have length less than or equal to 8192",
    ],
  ])('refuses %d bytes with %j', async (length, options, text) => {
    const { emulator } = await start()
    expect(refusalOf(() => put(emulator, '/a', 'x'.repeat(length), options)).text).toContain(text)
  })

  test('keeps an advanced parameter advanced', async () => {
    const { emulator } = await start()
    put(emulator, '/a', 'v', { Tier: 'Advanced' })
    const again = (options: object) => put(emulator, '/a', 'v', { Overwrite: true, ...options })
    expect(again({})['Tier']).toBe('Advanced')
    expect(again({ Tier: 'Intelligent-Tiering' })['Tier']).toBe('Advanced')
    expect(refusalOf(() => again({ Tier: 'Standard' })).text).toContain("You can't downgrade a parameter")
  })

  test('keeps type, key and description of the version before', async () => {
    const { emulator } = await start()
    put(emulator, '/a', 'v1', {
      Type: 'SecureString',
      KeyId: 'alias/mine',
      Description: 'words',
      AllowedPattern: 'v\\d',
    })
    emulator.call('PutParameter', { Name: '/a', Value: 'v2', Overwrite: true, DataType: 'text' })
    const { Parameters } = emulator.call('DescribeParameters')
    expect(Parameters).toMatchObject([
      { Type: 'SecureString', KeyId: 'alias/mine', Description: 'words', Version: 2 },
    ])
  })
})

describe('a SecureString', () => {
  test('shows a ciphertext without decryption, in which the value is not', async () => {
    const { emulator } = await start()
    put(emulator, '/s', 'hunter2', { Type: 'SecureString' })
    const ciphertext = String(read(emulator, '/s')['Value'])
    expect(ciphertext).toMatch(/^AQICAH[A-Za-z0-9+/]+=*$/)
    expect(Buffer.from(ciphertext, 'base64').toString('latin1')).not.toContain('hunter2')
    expect(read(emulator, '/s')['Value']).toBe(ciphertext)
    expect(read(emulator, '/s', { WithDecryption: true })['Value']).toBe('hunter2')
  })

  test('is decrypted on request in every way of reading', async () => {
    const { emulator } = await start()
    put(emulator, '/p/s', 'hunter2', { Type: 'SecureString' })
    const plain = { Parameters: [{ Value: 'hunter2' }] }
    const decrypted = { WithDecryption: true }
    expect(emulator.call('GetParameters', { Names: ['/p/s'], ...decrypted })).toMatchObject(plain)
    expect(emulator.call('GetParametersByPath', { Path: '/p', ...decrypted })).toMatchObject(plain)
    expect(emulator.call('GetParameterHistory', { Name: '/p/s', ...decrypted })).toMatchObject(plain)
    expect(emulator.call('GetParametersByPath', { Path: '/p' })).not.toMatchObject(plain)
  })
})

describe('deleting parameters', () => {
  test('removes all versions, and the name starts again at 1', async () => {
    const { emulator } = await startWithVersions()
    expect(emulator.call('DeleteParameter', { Name: 'a' })).toEqual({})
    expect(refusalOf(() => read(emulator, '/a:1'))).toEqual(NOT_FOUND)
    expect(refusalOf(() => emulator.call('DeleteParameter', { Name: '/a' }))).toEqual(NOT_FOUND)
    expect(put(emulator, '/a')).toEqual({ Version: 1, Tier: 'Standard' })
  })

  test('names those that are not there', async () => {
    const { emulator } = await startWithVersions()
    expect(emulator.call('DeleteParameters', { Names: ['/a', '/b', 'not/a/name'] })).toEqual({
      DeletedParameters: ['/a'],
      InvalidParameters: ['/b', 'not/a/name'],
    })
  })
})
