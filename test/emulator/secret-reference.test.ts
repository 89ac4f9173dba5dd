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

describe('a secret read through Parameter Store', () => {
  const ROOT = '/aws/reference/secretsmanager'
  const decrypted = { WithDecryption: true }

  async function startWithSecret() {
    const started = await start()
    const { emulator } = started
    const { ARN, VersionId } = emulator.call('CreateSecret', { Name: 'prod/db', SecretString: 'v1' })
    emulator.call('PutSecretValue', { SecretId: 'prod/db', SecretString: 'v2' })
    return { ...started, arn: ARN, first: String(VersionId) }
  }

  test('has the shape of a SecureString, and the secret’s own answer with it', async () => {
    const { emulator, clock, arn } = await startWithSecret()
    const parameter = read(emulator, `${ROOT}/prod/db`, decrypted)
    expect(parameter).toMatchObject({
      Name: `${ROOT}/prod/db`,
      Type: 'SecureString',
      Value: 'v2',
      Version: 0,
      Selector: ':AWSCURRENT',
      ARN: arn,
      LastModifiedDate: clock.now() / 1000,
    })
    expect(JSON.parse(String(parameter['SourceResult']))).toMatchObject({
      ARN: arn,
      Name: 'prod/db',
      SecretString: 'v2',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: clock.now() / 1000,
    })
  })

  test('is selected by stage or by version id', async () => {
    const { emulator, first } = await startWithSecret()
    expect(read(emulator, `${ROOT}/prod/db:AWSPREVIOUS`, decrypted)).toMatchObject({
      Value: 'v1',
      Selector: ':AWSPREVIOUS',
    })
    expect(read(emulator, `${ROOT}/prod/db:${first}`, decrypted)).toMatchObject({
      Value: 'v1',
      Selector: `:${first}`,
    })
  })

  test('may stand among other names', async () => {
    const { emulator } = await startWithSecret()
    put(emulator, '/a')
    const Names = [`${ROOT}/prod/db`, '/a', `${ROOT}/none`]
    expect(emulator.call('GetParameters', { Names, ...decrypted })).toMatchObject({
      Parameters: [{ Name: '/a' }, { Value: 'v2' }],
      InvalidParameters: [`${ROOT}/none`],
    })
    expect(refusalOf(() => emulator.call('GetParameters', { Names })).code).toBe('ValidationException')
  })

  test.each([
    ['without decryption', '/prod/db', {}, 'ValidationException'],
    ['that is not there', '/none', decrypted, 'ParameterNotFound'],
    ['of a stage that is not there', '/prod/db:AWSPENDING', decrypted, 'ParameterNotFound'],
    ['of bytes', '/bytes', decrypted, 'ValidationException'],
    ['that is scheduled for deletion', '/gone', decrypted, 'InvalidRequestException'],
  ])('is refused %s', async (_title, name, options, code) => {
    const { emulator } = await startWithSecret()
    emulator.seed({ secrets: { bytes: new Uint8Array([1]), gone: 'v' } })
    emulator.call('DeleteSecret', { SecretId: 'gone' })
    expect(refusalOf(() => read(emulator, `${ROOT}${name}`, options)).code).toBe(code)
  })

  test('has no history', async () => {
    const { emulator } = await startWithSecret()
    expect(refusalOf(() => emulator.call('GetParameterHistory', { Name: `${ROOT}/prod/db` }))).toEqual(
      NOT_FOUND,
    )
  })
})
