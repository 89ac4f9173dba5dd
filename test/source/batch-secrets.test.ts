/** Several secrets in one request: through the real SDK over HTTP, and answers that only a double can give. */

import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type SecretsErrorCode, isSecretsError } from '../../src/errors.js'
import { startEmulator } from '../../src/emulator/index.js'
import { parseReference } from '../../src/reference/parse.js'
import type { ReferenceInput } from '../../src/reference/reference.js'
import { failureOf } from '../../src/source/failure.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const { signal } = new AbortController()
const ID = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'
const UNANSWERED = { isUnanswered: true }
const arnOf = (name: string, region = 'eu-west-1', account = '123456789012') =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`
const item = (name: string, fields: object = {}) => ({
  ARN: arnOf(name),
  Name: name,
  VersionId: ID,
  SecretString: `value of ${name}`,
  VersionStages: ['AWSCURRENT'],
  ...fields,
})
const load = (source: SecretsManagerSource, ...refs: ReferenceInput[]) =>
  source.load(
    refs.map((ref) => parseReference(ref)),
    { signal },
  )

/** A source whose client answers page by page, the last page again and again. */
function doubled(...pages: unknown[]) {
  const inputs: BatchGetSecretValueCommandInput[] = []
  const send = (command: object): Promise<object> => {
    if (!(command instanceof BatchGetSecretValueCommand)) throw new Error('another command')
    inputs.push(command.input)
    const page = pages[Math.min(inputs.length, pages.length) - 1]
    return page instanceof Error ? Promise.reject(page) : Promise.resolve(page as object)
  }
  return { source: new SecretsManagerSource({ client: { send } }), inputs }
}

async function start() {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const client = new SecretsManagerClient(emulator.clientConfig)
  onTestFinished(async () => {
    client.destroy()
    await emulator.close()
  })
  return { emulator, client, source: new SecretsManagerSource({ client }) }
}

describe('over HTTP', () => {
  test('many secrets are one request, each result in its place', async () => {
    const { emulator, source } = await start()
    emulator.seed({ secrets: { c: 'C', a: 'A', b: Uint8Array.of(0, 255) } })
    const arn = emulator.call('DescribeSecret', { SecretId: 'a' })['ARN'] as string
    await expect(load(source, 'b', 'a', arn, arn.slice(0, -7), 'c')).resolves.toMatchObject([
      { value: { bytes: Uint8Array.of(0, 255), name: 'b' } },
      { value: { text: 'A', arn, versionStages: ['AWSCURRENT'] } },
      { value: { text: 'A', arn } },
      { value: { text: 'A', arn } },
      { value: { text: 'C' } },
    ])
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['BatchGetSecretValue'])
  })

  test('20 fit into one request', async () => {
    const { emulator, source } = await start()
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    emulator.seed({ secrets: Object.fromEntries(names.map((name) => [name, name])) })
    await expect(load(source, ...names)).resolves.toMatchObject(names.map((text) => ({ value: { text } })))
    expect(source.maxBatch).toBe(20)
    expect(emulator.count()).toBe(1)
  })

  test('what fails for one fails for no other', async () => {
    const { emulator, source } = await start()
    emulator.seed({ secrets: { ok: NEEDLE, denied: NEEDLE, kms: NEEDLE, gone: NEEDLE } })
    emulator.call('CreateSecret', { Name: 'key', SecretString: NEEDLE, KmsKeyId: 'alias/off' })
    emulator.deny('secretsmanager:GetSecretValue', 'denied')
    emulator.deny('kms:Decrypt', 'kms')
    emulator.disableKey('alias/off')
    emulator.call('DeleteSecret', { SecretId: 'gone' })
    const names = ['missing', 'denied', 'ok', 'kms', 'key', 'gone']
    const results = await load(source, ...names)
    const failures = results.map(({ error }, index) =>
      error === undefined ? undefined : failureOf(error, parseReference(names[index] ?? '')),
    )
    const code = (value: SecretsErrorCode) => expect.objectContaining({ code: value, attempts: 1 }) as unknown
    expect(failures).toEqual([
      code('ERR_NOT_FOUND'),
      code('ERR_ACCESS_DENIED'),
      undefined,
      code('ERR_DECRYPT'),
      code('ERR_DECRYPT'),
      code('ERR_NOT_FOUND'),
    ])
    expect(failures[5]?.message).toContain('scheduled for deletion')
    expect(failures[0]?.requestId).toBe(emulator.requests[0]?.requestId)
    expect(results.map((result) => 'region' in result)).toEqual([true, true, false, true, true, true])
    expect(results[2]).toHaveProperty('value.text', NEEDLE)
    expectNoNeedle(failures, NEEDLE)
    expect(emulator.count()).toBe(1)
  })

  test('a refusal of the whole request rejects with the raw error', async () => {
    const { emulator, source } = await start()
    emulator.deny('secretsmanager:BatchGetSecretValue')
    await expect(load(source, 'a', 'b')).rejects.toHaveProperty('name', 'AccessDeniedException')
  })

  test('an empty body and one that is no object say nothing about any', async () => {
    const { emulator, source } = await start()
    for (const body of ['', '{}', '{"SecretValues":null,"Errors":7}']) {
      emulator.fail('BatchGetSecretValue', { body }, { times: 1 })
      await expect(load(source, 'a', 'b')).resolves.toEqual([UNANSWERED, UNANSWERED])
    }
  })
})

describe('what cannot share a request gets its own', () => {
  test('isBatchable tells which', () => {
    const { source } = doubled({})
    expect(source.isBatchable(parseReference('a'))).toBe(true)
    expect(source.isBatchable(parseReference('a:AWSCURRENT#field'))).toBe(true)
    expect(source.isBatchable(parseReference('a:AWSPREVIOUS'))).toBe(false)
    expect(source.isBatchable(parseReference(`a:${ID}`))).toBe(false)
    expect(source.isBatchable(parseReference('ssm:/a'))).toBe(false)
  })

  test('versions, other services and other regions among the rest', async () => {
    const { emulator, source } = await start()
    emulator.seed({ secrets: { a: 'old', b: 'B' } })
    emulator.seed({ secrets: { a: 'new' } })
    const results = await load(source, 'a:AWSPREVIOUS', 'a', arnOf('x', 'us-east-1'), 'ssm:/a', 'b')
    expect(results).toMatchObject([
      { value: { text: 'old' } },
      { value: { text: 'new' } },
      { error: { code: 'ERR_REFERENCE_INVALID' } },
      { error: expect.any(TypeError) as unknown },
      { value: { text: 'B' } },
    ])
    expect(emulator.requests.map(({ operation, ids }) => [operation, ids]).sort()).toEqual([
      ['BatchGetSecretValue', ['a', 'b']],
      ['GetSecretValue', ['a']],
    ])
  })

  test('each region is asked for its own', async () => {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', emulator.url)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
    const source = new SecretsManagerSource({ region: 'eu-west-1' })
    onTestFinished(async () => {
      vi.unstubAllEnvs()
      source.close()
      await emulator.close()
    })
    for (const region of ['eu-west-1', 'us-east-1'])
      emulator.seed({ secrets: { a: `a ${region}`, b: `b ${region}` } }, { region })
    const arns = ['a', 'b'].map((name) => arnOf(name, 'us-east-1').slice(0, -7))
    const results = await load(source, 'a', ...arns, 'b')
    expect(results).toMatchObject(
      ['a eu-west-1', 'a us-east-1', 'b us-east-1', 'b eu-west-1'].map((text) => ({ value: { text } })),
    )
    expect(emulator.requests.map(({ region, ids }) => [region, ids]).sort()).toEqual([
      ['eu-west-1', ['a', 'b']],
      ['us-east-1', arns],
    ])
  })

  test('more than 20 are split', async () => {
    const { emulator, source } = await start()
    const names = Array.from({ length: 42 }, (_, index) => `s${index}`)
    emulator.seed({ secrets: Object.fromEntries(names.map((name) => [name, name])) })
    await expect(load(source, ...names)).resolves.toMatchObject(names.map((text) => ({ value: { text } })))
    expect(emulator.requests.map(({ ids }) => ids.length).sort()).toEqual([2, 20, 20])
  })

  test('one id is sent once', async () => {
    const { source, inputs } = doubled({ SecretValues: [item('a'), item('b')] })
    await expect(load(source, 'a#x', 'b', 'a#y')).resolves.toMatchObject([
      { value: { name: 'a' } },
      { value: { name: 'b' } },
      { value: { name: 'a' } },
    ])
    expect(inputs).toEqual([{ SecretIdList: ['a', 'b'] }])
  })
})

describe('whose answer it is', () => {
  test('is told by name and ARN, not by place', async () => {
    const { source } = doubled({ SecretValues: [item('b'), item('c'), item('a')] })
    const results = await load(source, 'a', 'b', arnOf('c'), arnOf('a'))
    expect(results.map((result) => 'value' in result && result.value.name)).toEqual(['a', 'b', 'c', 'a'])
  })

  test.each<[string, object]>([
    ['by its name only', { ARN: undefined }],
    ['by its ARN only', { Name: undefined }],
  ])('an item is known %s', async (_title, fields) => {
    const { source } = doubled({ SecretValues: [item('b', fields), item('a', fields)] })
    await expect(load(source, 'a', 'b')).resolves.toMatchObject([
      { value: { text: 'value of a' } },
      { value: { text: 'value of b' } },
    ])
  })

  test.each<[string, readonly unknown[]]>([
    ['nothing', []],
    ['another secret', [item('b'), item('c')]],
    ['an item without name and ARN', [item('b'), { SecretString: 'x' }]],
    ['a name that goes on', [item('b'), item('aa')]],
    ['the name with the ARN of another', [item('b'), item('a', { ARN: arnOf('c') })]],
    [
      'the secrets of two accounts',
      [item('b'), item('a'), item('a', { ARN: arnOf('a', 'eu-west-1', '9'.repeat(12)) })],
    ],
    ['two versions', [item('b'), item('a'), item('a', { VersionId: ID.replace('90', '91') })]],
    ['items that are none', [item('b'), null, 7, 'a']],
  ])('%s is no answer', async (_title, values) => {
    const [a] = await load(doubled({ SecretValues: values }).source, 'a', 'b')
    expect(a).toEqual(UNANSWERED)
  })

  test('the same item twice is one answer', async () => {
    const { source } = doubled({ SecretValues: [item('a'), item('a'), item('b')] })
    await expect(load(source, 'a', arnOf('a'))).resolves.toMatchObject([
      { value: { name: 'a' } },
      { value: { name: 'a' } },
    ])
  })

  test.each<[string, object, SecretsErrorCode]>([
    ['a version that is not current', { VersionStages: ['AWSPREVIOUS'] }, 'ERR_RESPONSE_MISMATCH'],
    ['neither text nor bytes', { SecretString: undefined }, 'ERR_UNAVAILABLE'],
    ['more than 1 MiB', { SecretString: 'é'.repeat(524_289) }, 'ERR_UNAVAILABLE'],
    [
      'more than 1 MiB of bytes',
      { SecretString: undefined, SecretBinary: new Uint8Array(1_048_577) },
      'ERR_UNAVAILABLE',
    ],
  ])('%s is the failure of that one only', async (_title, fields, code) => {
    const $metadata = { requestId: 'f3b6-7' }
    const { source } = doubled({ SecretValues: [item('a', fields), item('b')], $metadata })
    const [a, b] = await load(source, 'a', 'b')
    expect(isSecretsError(a?.error, code)).toBe(true)
    expect(a?.error).toHaveProperty('requestId', 'f3b6-7')
    expect(b).toHaveProperty('value.name', 'b')
  })

  test('1 MiB is not too much', async () => {
    const { source } = doubled({ SecretValues: [item('a', { SecretString: 'x'.repeat(1_048_576) })] })
    await expect(load(source, 'a', 'b')).resolves.toMatchObject([{ value: { name: 'a' } }, UNANSWERED])
  })

  test('an item of another region is refused, where the region is known', async () => {
    const send = () =>
      Promise.resolve({ SecretValues: [item('a', { ARN: arnOf('a', 'us-east-1') }), item('b')] })
    const source = new SecretsManagerSource({ client: { send, config: { region: 'eu-west-1' } } })
    const [a, b] = await load(source, 'a', 'b')
    expect(isSecretsError(a?.error, 'ERR_RESPONSE_MISMATCH')).toBe(true)
    expect(a).toHaveProperty('region', 'eu-west-1')
    expect(b).toHaveProperty('value.name', 'b')
  })

  test('errors are for the id that was sent', async () => {
    const { source } = doubled({
      SecretValues: [item('b')],
      Errors: [
        { SecretId: 'a', ErrorCode: 'ResourceNotFoundException', Message: 'm' },
        { SecretId: 'c' },
        { ErrorCode: 'InternalServiceError' },
        null,
      ],
    })
    await expect(load(source, 'c', 'a', 'b')).resolves.toMatchObject([
      UNANSWERED,
      { error: { name: 'ResourceNotFoundException', message: 'm' } },
      { value: { name: 'b' } },
    ])
  })

  test.each([[undefined], [null], ['text'], [[]], [{}], [{ SecretValues: 'x', Errors: {} }]])(
    'an answer that is %j is none',
    async (answer) => {
      const { source } = doubled(answer)
      await expect(load(source, 'a', 'b')).resolves.toEqual([UNANSWERED, UNANSWERED])
    },
  )
})

describe('pages', () => {
  test('are asked for until there is no token', async () => {
    const { source, inputs } = doubled(
      { SecretValues: [], NextToken: 't1' },
      { SecretValues: [item('c')], Errors: [{ SecretId: 'b', ErrorCode: 'X' }], NextToken: 't2' },
      { SecretValues: [item('a')], NextToken: '' },
    )
    const onRequest = vi.fn()
    const references = ['a', 'b', 'c', 'd'].map((ref) => parseReference(ref))
    await expect(source.load(references, { signal, onRequest })).resolves.toMatchObject([
      { value: { name: 'a' } },
      { error: { name: 'X' } },
      { value: { name: 'c' } },
      UNANSWERED,
    ])
    const SecretIdList = ['a', 'b', 'c', 'd']
    expect(inputs).toEqual([
      { SecretIdList },
      { SecretIdList, NextToken: 't1' },
      { SecretIdList, NextToken: 't2' },
    ])
    expect(onRequest.mock.calls.flat()).toEqual(inputs.map(() => 'BatchGetSecretValue'))
  })

  test('a token that comes again ends them', async () => {
    const { source, inputs } = doubled({ SecretValues: [item('a')], NextToken: 't' })
    await expect(load(source, 'a', 'b', 'c', 'd')).resolves.toMatchObject([
      { value: { name: 'a' } },
      UNANSWERED,
      UNANSWERED,
      UNANSWERED,
    ])
    expect(inputs).toHaveLength(2)
  })

  test('there are at most as many as ids', async () => {
    const pages = Array.from({ length: 9 }, (_, index) => ({ NextToken: `t${index}` }))
    const { source, inputs } = doubled(...pages)
    await expect(load(source, 'a', 'b', 'c')).resolves.toEqual([UNANSWERED, UNANSWERED, UNANSWERED])
    expect(inputs).toHaveLength(3)
  })

  test('one that fails rejects with the raw error', async () => {
    const error = new Error('down')
    const { source } = doubled({ SecretValues: [item('a')], NextToken: 't' }, error)
    await expect(load(source, 'a', 'b')).rejects.toBe(error)
  })
})
