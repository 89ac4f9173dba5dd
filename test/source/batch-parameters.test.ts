/** Several parameters in one request: through the real SDK over HTTP, and answers that only a double can give. */

import { GetParametersCommand, type GetParametersCommandInput, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type SecretsErrorCode, isSecretsError } from '../../src/errors.js'
import { startEmulator } from '../../src/emulator/index.js'
import { parseReference } from '../../src/reference/parse.js'
import { failureOf } from '../../src/source/failure.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const { signal } = new AbortController()
const UNANSWERED = { isUnanswered: true }
const OTHER_ACCOUNT = '999999999999'
const arnOf = (name: string, account = '123456789012') =>
  `arn:aws:ssm:eu-west-1:${account}:parameter/${name.replace(/^\//, '')}`
const item = (name: string, fields: object = {}) => ({
  ARN: arnOf(name),
  Name: name,
  Value: `value of ${name}`,
  Version: 3,
  ...fields,
})
const load = (source: ParameterStoreSource, ...refs: string[]) =>
  source.load(
    refs.map((ref) => parseReference(ref)),
    { signal },
  )

/** A source whose client answers each request alike. */
function doubled(answer: unknown, config: object = {}) {
  const inputs: GetParametersCommandInput[] = []
  const send = (command: object): Promise<object> => {
    if (!(command instanceof GetParametersCommand)) throw new Error('another command')
    inputs.push(command.input)
    return Promise.resolve(answer as object)
  }
  return { source: new ParameterStoreSource({ client: { send, config } }), inputs }
}

async function start() {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const client = new SSMClient(emulator.clientConfig)
  onTestFinished(async () => {
    client.destroy()
    await emulator.close()
  })
  return { emulator, source: new ParameterStoreSource({ client }) }
}

describe('over HTTP', () => {
  test('many parameters are one request, decrypted, each result in its place', async () => {
    const { emulator, source } = await start()
    emulator.seed({ parameters: { '/z': 'Z', plain: 'P', '/a': { type: 'SecureString', value: 'A' } } })
    await expect(load(source, 'ssm:/z', 'ssm:/a', arnOf('/z'), 'ssm:/plain')).resolves.toMatchObject([
      { value: { text: 'Z', name: '/z' } },
      { value: { text: 'A' } },
      { value: { text: 'Z' } },
      { value: { text: 'P' } },
    ])
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetParameters'])
  })

  test('versions and labels of one parameter are told apart', async () => {
    const { emulator, source } = await start()
    for (const value of ['one', 'two', 'three']) emulator.seed({ parameters: { '/a': value } })
    emulator.call('LabelParameterVersion', { Name: '/a', ParameterVersion: 2, Labels: ['blue'] })
    const results = await load(source, 'ssm:/a:blue', 'ssm:/a', 'ssm:/a:1', 'ssm:/a:3', `${arnOf('/a')}:1`)
    expect(results).toMatchObject([
      { value: { text: 'two', version: 2, label: 'blue' } },
      { value: { text: 'three', version: 3 } },
      { value: { text: 'one', version: 1 } },
      { value: { text: 'three', version: 3 } },
      { value: { text: 'one', version: 1 } },
    ])
    expect(emulator.count()).toBe(1)
  })

  test('a secret is read through Parameter Store with and without its stage', async () => {
    const { emulator, source } = await start()
    emulator.seed({ secrets: { db: 'old' } })
    emulator.seed({ secrets: { db: 'new' }, parameters: { '/a': 'A' } })
    const ref = 'ssm:/aws/reference/secretsmanager/db'
    await expect(
      load(source, `${ref}:AWSPREVIOUS`, ref, 'ssm:/a', `${ref}:AWSCURRENT`),
    ).resolves.toMatchObject(['old', 'new', 'A', 'new'].map((text) => ({ value: { text } })))
    expect(emulator.count()).toBe(1)
  })

  test('10 fit into one request, and more are split', async () => {
    const { emulator, source } = await start()
    const names = Array.from({ length: 12 }, (_, index) => `/p${index}`)
    emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, name])) })
    const results = await load(source, ...names.map((name) => `ssm:${name}`))
    expect(results).toMatchObject(names.map((text) => ({ value: { text } })))
    expect(source.maxBatch).toBe(10)
    expect(emulator.requests.map(({ ids }) => ids.length).sort()).toEqual([10, 2])
  })

  test('what is missing fails for no other', async () => {
    const { emulator, source } = await start()
    emulator.seed({ parameters: { '/a': { type: 'SecureString', value: NEEDLE } } })
    const refs = ['ssm:/missing', 'ssm:/a', 'ssm:/a:9', 'ssm:/a:none']
    const results = await load(source, ...refs)
    expect(results[1]).toHaveProperty('value.text', NEEDLE)
    const failures = [0, 2, 3].map((at) =>
      failureOf(results[at]?.error, parseReference(refs[at] ?? ''), 'eu-west-1'),
    )
    expect(failures.map(({ code, attempts }) => [code, attempts])).toEqual(
      failures.map(() => ['ERR_NOT_FOUND', 1]),
    )
    expect(failures[0]?.requestId).toBe(emulator.requests[0]?.requestId)
    expect(results[0]).toHaveProperty('region', 'eu-west-1')
    expectNoNeedle(failures, NEEDLE)
  })

  test.each([
    ['one name is denied', 'AccessDeniedException'],
    ['one key is disabled', 'InvalidKeyId'],
  ])('where %s the whole request rejects with the raw error', async (_title, name) => {
    const { emulator, source } = await start()
    emulator.seed({ parameters: { '/a': NEEDLE, '/b': { type: 'SecureString', value: NEEDLE } } })
    if (name === 'InvalidKeyId') emulator.disableKey('alias/aws/ssm')
    else emulator.deny('ssm:GetParameters', '/b')
    const error: unknown = await load(source, 'ssm:/a', 'ssm:/b').catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('name', name)
    expectNoNeedle(failureOf(error, parseReference('ssm:/b')), NEEDLE)
  })

  test('all names called invalid, as under bursts, is no answer', async () => {
    const { source } = await start()
    await expect(load(source, 'ssm:/x', 'ssm:/y')).resolves.toEqual([UNANSWERED, UNANSWERED])
  })
})

test('one name that is called invalid is missing, however often it is asked for', async () => {
  const { source, inputs } = doubled({ InvalidParameters: ['/x'] })
  const missing = { error: { name: 'ParameterNotFound' } }
  await expect(load(source, 'ssm:/x#a', 'ssm:/x#b')).resolves.toMatchObject([missing, missing])
  expect(inputs).toMatchObject([{ Names: ['/x'] }])
})

describe('whose answer it is', () => {
  test('is told by name and selector, not by place', async () => {
    const { source, inputs } = doubled({
      Parameters: [
        item('/a', { Selector: ':1', Version: 1 }),
        item('/a', { Selector: ':2', Version: 2 }),
        item('/b'),
      ],
    })
    await expect(load(source, 'ssm:/b', 'ssm:/a:2', 'ssm:/a:1')).resolves.toMatchObject([
      { value: { name: '/b' } },
      { value: { name: '/a', version: 2 } },
      { value: { name: '/a', version: 1 } },
    ])
    expect(inputs).toEqual([{ Names: ['/b', '/a:2', '/a:1'], WithDecryption: true }])
  })

  test('a version is known by its number where the selector is left out, and a label is not', async () => {
    const { source } = doubled({ Parameters: [item('/a', { Version: 2 }), item('/b')] })
    await expect(load(source, 'ssm:/a:2', 'ssm:/a:1', 'ssm:/b:blue')).resolves.toMatchObject([
      { value: { version: 2 } },
      UNANSWERED,
      UNANSWERED,
    ])
  })

  test('name and ARN of one parameter both get its value', async () => {
    const { source } = doubled({ Parameters: [item('/a'), item('/b')] })
    const results = await load(source, arnOf('/a'), 'ssm:/a', 'ssm:b')
    expect(results.map((result) => 'value' in result && result.value.text)).toEqual([
      'value of /a',
      'value of /a',
      'value of /b',
    ])
  })

  test('a shared parameter is named by its ARN, and is not the one of the same name', async () => {
    const shared = arnOf('/a', OTHER_ACCOUNT)
    const theirs = item('/a', { Name: shared, ARN: shared, Value: 'theirs' })
    const both = doubled({ Parameters: [item('/a'), theirs] })
    await expect(load(both.source, 'ssm:/a', shared)).resolves.toMatchObject([
      { value: { text: 'value of /a' } },
      { value: { text: 'theirs' } },
    ])
    const one = doubled({ Parameters: [theirs], InvalidParameters: [] })
    await expect(load(one.source, 'ssm:/a', shared)).resolves.toMatchObject([
      UNANSWERED,
      { value: { text: 'theirs' } },
    ])
    const alike = doubled({ Parameters: [item('/a'), { ...theirs, Name: '/a' }] })
    await expect(load(alike.source, 'ssm:/a', shared)).resolves.toMatchObject([
      UNANSWERED,
      { value: { text: 'theirs' } },
    ])
  })

  test('a missing name next to a shared parameter of that name is missing', async () => {
    const shared = arnOf('/a', OTHER_ACCOUNT)
    const { source } = doubled({
      Parameters: [item('/a', { ARN: shared, Value: 'theirs' })],
      InvalidParameters: ['/a'],
    })
    await expect(load(source, 'ssm:/a', shared)).resolves.toMatchObject([
      { error: { name: 'ParameterNotFound' } },
      { value: { text: 'theirs' } },
    ])
  })

  test.each<[string, object]>([
    ['another parameter', item('/c')],
    ['a name that goes on', item('/a/a')],
    ['no name and no ARN', { Value: 'x' }],
    ['a version that was not asked for', item('/a', { Selector: ':1' })],
    ['the name with the ARN of another', item('/a', { ARN: arnOf('/c') })],
  ])('%s is no answer', async (_title, given) => {
    const { source } = doubled({ Parameters: [given, item('/b')] })
    await expect(load(source, 'ssm:/a', 'ssm:/b')).resolves.toMatchObject([
      UNANSWERED,
      { value: { name: '/b' } },
    ])
  })

  test.each<[string, object, SecretsErrorCode]>([
    ['a region', { ARN: arnOf('/a').replace('eu-west-1', 'us-east-1') }, 'ERR_RESPONSE_MISMATCH'],
    ['a version under the right selector', { Selector: ':3', Version: 4 }, 'ERR_RESPONSE_MISMATCH'],
    ['a value that is missing', { Value: undefined }, 'ERR_UNAVAILABLE'],
    ['a value of more than 1 MiB', { Value: 'x'.repeat(1_048_577) }, 'ERR_UNAVAILABLE'],
  ])('%s is the failure of that one only', async (_title, fields, code) => {
    const Parameters = [item('/a', fields), item('/b')]
    const { source } = doubled({ Parameters, $metadata: { requestId: 'f3b6-8' } }, { region: 'eu-west-1' })
    const [a, b] = await load(source, 'Selector' in fields ? 'ssm:/a:3' : 'ssm:/a', 'ssm:/b')
    expect(isSecretsError(a?.error, code)).toBe(true)
    expect(a).toMatchObject({ error: { requestId: 'f3b6-8' }, region: 'eu-west-1' })
    expect(b).toHaveProperty('value.name', '/b')
  })

  test('what is in neither list is unanswered', async () => {
    const { source } = doubled({ Parameters: [item('/b')], InvalidParameters: ['/c', 7] })
    await expect(load(source, 'ssm:/a', 'ssm:/b', 'ssm:/c')).resolves.toMatchObject([
      UNANSWERED,
      { value: { name: '/b' } },
      { error: { name: 'ParameterNotFound' } },
    ])
  })

  test.each([[undefined], [null], ['text'], [{}], [{ Parameters: 7, InvalidParameters: {} }]])(
    'an answer that is %j is none',
    async (answer) => {
      const { source } = doubled(answer)
      await expect(load(source, 'ssm:/a', 'ssm:/b')).resolves.toEqual([UNANSWERED, UNANSWERED])
    },
  )
})

test('every parameter is batchable, and nothing else', () => {
  const { source } = doubled({})
  for (const ref of ['ssm:/a', 'ssm:/a:3', 'ssm:/a:blue', arnOf('/a')])
    expect(source.isBatchable(parseReference(ref))).toBe(true)
  expect(source.isBatchable(parseReference('prod/db'))).toBe(false)
})
