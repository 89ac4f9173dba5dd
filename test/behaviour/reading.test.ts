import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type RetrySettings, type SecretsEvent, isSecretsError } from '../../src/index.js'
import { failureOf, useAws } from '../support/aws.js'

const NEEDLE = 'NEEDLE-correct-horse-battery-staple'
const aws = useAws()

const credentials = {
  engine: 'postgres',
  host: 'db.internal',
  port: 5432,
  username: 'app',
  password: NEEDLE,
  options: { hosts: ['a', 'b'], ssl: true },
}

describe('the one-liners of the README', () => {
  test('a secret as text', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/openai': NEEDLE } })
    await expect(secrets.get('prod/openai')).resolves.toBe(NEEDLE)
  })

  test('a parameter, decrypted', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/prod/app/key': { type: 'SecureString', value: NEEDLE } } })
    await expect(secrets.get('ssm:/prod/app/key')).resolves.toBe(NEEDLE)
  })

  test('one field of a JSON secret, nested ones too', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': credentials } })
    await expect(
      Promise.all([
        secrets.get('prod/db#password'),
        secrets.get('prod/db#port'),
        secrets.get('prod/db#/options/hosts/1'),
        secrets.get('prod/db#options'),
        secrets.get('prod/db#/options/ssl', { as: 'json' }),
      ]),
    ).resolves.toEqual([NEEDLE, '5432', 'b', '{"hosts":["a","b"],"ssl":true}', true])
    expect(calls()).toBe(1)
  })

  test('a version stage and a version id', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { versionId } = await secrets.read('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db:AWSPREVIOUS')).resolves.toBe('first')
    await expect(secrets.get(`prod/db:${versionId ?? ''}`)).resolves.toBe('first')
    await expect(secrets.get('prod/db', { fresh: true })).resolves.toBe('second')
  })

  test('a version and a label of a parameter', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/prod/level': 'info' } })
    emulator.seed({ parameters: { '/prod/level': 'debug' } })
    emulator.call('LabelParameterVersion', { Name: '/prod/level', ParameterVersion: 1, Labels: ['stable'] })
    await expect(
      Promise.all([
        secrets.get('ssm:/prod/level'),
        secrets.get('ssm:/prod/level:1'),
        secrets.get('ssm:/prod/level:stable'),
      ]),
    ).resolves.toEqual(['debug', 'info', 'info'])
  })

  test('typed and validated', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': credentials } })
    const db = await secrets.get('prod/db', {
      schema: {
        type: 'object',
        properties: { username: { type: 'string' }, password: { type: 'string' }, port: { type: 'integer' } },
        required: ['username', 'password'],
      },
    })
    const username: string = db.username
    expect([username, db.port]).toEqual(['app', 5432])
  })

  test('bytes of a binary secret, and its text where it is UTF-8', async () => {
    const { emulator, secrets } = aws()
    const key = new TextEncoder().encode('-----BEGIN KEY-----')
    emulator.seed({ secrets: { 'prod/tls': key } })
    await expect(secrets.get('prod/tls', { as: 'bytes' })).resolves.toEqual(key)
    await expect(secrets.get('prod/tls')).resolves.toBe('-----BEGIN KEY-----')
  })

  test('a StringList as a list', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/prod/hosts': { type: 'StringList', value: ['a', 'b', 'c'] } } })
    await expect(secrets.get('ssm:/prod/hosts', { as: 'list' })).resolves.toEqual(['a', 'b', 'c'])
  })

  test('read tells version, stages and dates', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': credentials }, parameters: { '/prod/level': 'info' } })
    await expect(secrets.read('prod/db')).resolves.toMatchObject({
      name: 'prod/db',
      versionStages: ['AWSCURRENT'],
      versionId: expect.stringMatching(/^[\w-]{32,64}$/) as string,
      createdAt: expect.any(Date) as Date,
      stale: false,
    })
    await expect(secrets.read('ssm:/prod/level')).resolves.toMatchObject({ value: 'info', version: 1 })
  })
})

describe('every way to write a reference reaches the same value', () => {
  test('secrets', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': credentials } })
    const { arn = '' } = await secrets.read('prod/db')
    const partial = arn.slice(0, -7)
    const refs = [
      'secretsmanager:prod/db#password',
      `${arn}#password`,
      `${partial}#password`,
      `${arn}:password::`,
      `${arn}:password:AWSCURRENT:`,
      '{{resolve:secretsmanager:prod/db:SecretString:password}}',
      `{{resolve:secretsmanager:${arn}:SecretString:password::}}`,
      { name: 'prod/db', field: 'password' },
      { arn, field: '/password' },
    ]
    for (const ref of refs) await expect(secrets.get(ref)).resolves.toBe(NEEDLE)
  })

  test('parameters', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { level: 'info' }, secrets: { 'prod/db': NEEDLE } })
    const { arn = '' } = await secrets.read('ssm:level')
    const refs = ['ssm:/level', arn, `${arn}:1`, '{{resolve:ssm:level}}', '{{resolve:ssm-secure:/level:1}}']
    for (const ref of refs) await expect(secrets.get(ref)).resolves.toBe('info')
    await expect(secrets.get('ssm:/aws/reference/secretsmanager/prod/db')).resolves.toBe(NEEDLE)
  })
})

describe('requests', () => {
  test('1000 concurrent reads of one cold secret make one request; a hit makes none', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': credentials } })
    await Promise.all(Array.from({ length: 1000 }, () => secrets.get('prod/db#password')))
    expect(calls()).toBe(1)
    await secrets.get('prod/db')
    expect(calls()).toBe(0)
  })

  test('a rotation is seen after the lifetime: one read still gets the old value, at once, and no later one', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    clock.advance(300_001)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
    await until(() => secrets.stats().refreshes === 2)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'second', stale: false })
  })

  test('a rotation is seen by the first read after the lifetime where nothing stale will do', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ cache: { staleWhileRevalidateMs: 0 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    clock.advance(300_001)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('when an operator moves AWSCURRENT back, the client follows', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const first = await secrets.read('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    const { versionId } = await secrets.refresh('prod/db')
    emulator.call('UpdateSecretVersionStage', {
      SecretId: 'prod/db',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: first.versionId,
      RemoveFromVersionId: versionId,
    })
    await expect(secrets.refresh('prod/db')).resolves.toMatchObject({
      changed: true,
      versionId: first.versionId,
    })
    await expect(secrets.get('prod/db')).resolves.toBe('first')
  })

  test('a secret that is deleted and created again under its name is picked up', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const before = await secrets.read('prod/db')
    emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    const after = await secrets.read('prod/db', { fresh: true })
    expect(after.value).toBe('second')
    expect(after.arn).not.toBe(before.arn)
  })
})

describe('name, full and partial ARN of one secret', () => {
  test('are one entry: what is refreshed or forgotten under one is so under all', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' }, parameters: { level: 'first' } })
    const { arn = '' } = await secrets.read('prod/db')
    const refs = ['prod/db', arn, arn.slice(0, -7)]
    for (const ref of refs) await secrets.get(ref)
    // A partial ARN cannot be told from another secret's full one before it was asked for once.
    expect(calls()).toBe(2)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await secrets.refresh(arn)
    await expect(Promise.all(refs.map((ref) => secrets.get(ref)))).resolves.toEqual([
      'second',
      'second',
      'second',
    ])
    emulator.seed({ secrets: { 'prod/db': 'third' } })
    secrets.invalidate('prod/db')
    await expect(secrets.get(arn)).resolves.toBe('third')
    await expect(secrets.get('prod/db')).resolves.toBe('third')
    expect(calls()).toBe(2)
    expect(secrets.stats().entries).toBe(1)
    const parameter = await secrets.read('ssm:level')
    await secrets.get(parameter.arn ?? '')
    expect(calls()).toBe(1)
  })

  test('part when the secret is deleted and created again', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { arn = '' } = await secrets.read('prod/db')
    await secrets.get(arn)
    emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db', { fresh: true })).resolves.toBe('second')
    await expect(secrets.get(arn)).resolves.toBe('first')
    expect(isSecretsError(await failureOf(secrets.get(arn, { fresh: true })), 'ERR_NOT_FOUND')).toBe(true)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })
})

describe('clients that the library makes', () => {
  const fromEnvironment = (retry: RetrySettings = {}) => {
    const { emulator, connect, clock } = aws()
    for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, String(value))
    /** No wait between two attempts lasts. */
    const onEvent = (event: SecretsEvent) => {
      if (event.type === 'retry') setImmediate(clock.advance.bind(clock), event.delayMs)
    }
    return { emulator, secrets: connect({ clients: {}, retry, onEvent }) }
  }
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('take region, endpoint and credentials from the environment', async () => {
    const { emulator, secrets } = fromEnvironment()
    emulator.seed({ secrets: { 'prod/db': NEEDLE }, parameters: { '/prod/level': 'info' } })
    await expect(secrets.get('prod/db')).resolves.toBe(NEEDLE)
    await expect(secrets.get('ssm:/prod/level')).resolves.toBe('info')
  })

  test('go to the region of an ARN', async () => {
    const { emulator, secrets } = fromEnvironment()
    emulator.seed({ secrets: { 'prod/db': 'here' } })
    emulator.seed({ secrets: { 'prod/db': 'there' } }, { region: 'us-east-1' })
    const { ARN } = emulator.call('DescribeSecret', { SecretId: 'prod/db' }, { region: 'us-east-1' })
    await expect(secrets.get(String(ARN))).resolves.toBe('there')
    await expect(secrets.get('prod/db')).resolves.toBe('here')
  })

  test.each([1, 3, 5])(
    'make exactly %d requests for a read of as many attempts: the SDK does not retry behind our back',
    async (maxAttempts) => {
      const { emulator, secrets } = fromEnvironment({ maxAttempts })
      emulator.fail('GetSecretValue', { error: 'InternalServiceError', status: 500 })
      const error = await failureOf(secrets.get('prod/db'))
      expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: maxAttempts })
      expect(emulator.count()).toBe(maxAttempts)
      expect(secrets.stats()).toMatchObject({ requests: maxAttempts, retries: maxAttempts - 1, failures: 1 })
    },
  )

  test('without a region anywhere the error says how to set one', async () => {
    const { secrets } = fromEnvironment()
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
    const error = await failureOf(secrets.get('prod/db'))
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
    expect(error).toHaveProperty('hint', expect.stringContaining('AWS_REGION'))
  })
})

describe("the user's own clients", () => {
  test('refuse an ARN of another region before anything is sent', async () => {
    const { secrets, calls } = aws()
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf'
    const error = await failureOf(secrets.get(arn))
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
    expect(calls()).toBe(0)
  })
})

describe('failures, as the real SDK reports them', () => {
  test('a missing secret, stage, id, parameter, version and label', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE }, parameters: { '/prod/level': 'info' } })
    const refs = [
      'prod/none',
      'prod/db:AWSPREVIOUS',
      'prod/db:EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE',
      'ssm:/prod/none',
      'ssm:/prod/level:7',
      'ssm:/prod/level:stable',
    ]
    for (const ref of refs) {
      const error = await failureOf(secrets.get(ref))
      expect([ref, isSecretsError(error) && error.code]).toEqual([ref, 'ERR_NOT_FOUND'])
      expect(error).toMatchObject({ ref, attempts: 1, retryable: false })
      expect(error).toHaveProperty('requestId', expect.stringMatching(/./))
    }
  })

  test('a parameter that was asked for as a secret: the hint has the reference that was meant', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/prod/level': 'info' } })
    const error = await failureOf(secrets.get('/prod/level'))
    expect(error).toHaveProperty('hint', expect.stringContaining('ssm:/prod/level'))
  })

  test('a secret that is scheduled for deletion', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    emulator.call('DeleteSecret', { SecretId: 'prod/db' })
    const error = await failureOf(secrets.get('prod/db'))
    expect(isSecretsError(error, 'ERR_NOT_FOUND')).toBe(true)
    expect(error).toHaveProperty('hint', expect.stringContaining('restore-secret'))
  })

  test('a secret without a value', async () => {
    const { emulator, secrets } = aws()
    emulator.call('CreateSecret', { Name: 'prod/empty' })
    expect(isSecretsError(await failureOf(secrets.get('prod/empty')), 'ERR_NOT_FOUND')).toBe(true)
  })

  test.each([
    ['a denied secret', 'secretsmanager:GetSecretValue', 'prod/db', 'ERR_ACCESS_DENIED'],
    ['a denied parameter', 'ssm:GetParameter', 'ssm:/prod/level', 'ERR_ACCESS_DENIED'],
    ['a denied key behind a secret', 'kms:Decrypt', 'prod/db', 'ERR_DECRYPT'],
    ['a denied key behind a parameter', 'kms:Decrypt', 'ssm:/prod/key', 'ERR_DECRYPT'],
  ] as const)('%s', async (_title, action, ref, code) => {
    const { emulator, secrets } = aws()
    emulator.seed({
      secrets: { 'prod/db': NEEDLE },
      parameters: { '/prod/level': 'info', '/prod/key': { type: 'SecureString', value: NEEDLE } },
    })
    emulator.deny(action)
    const error = await failureOf(secrets.get(ref))
    expect(isSecretsError(error) && error.code).toBe(code)
    expect(error).toHaveProperty('hint', expect.stringContaining(action))
    expect(inspect(error, { showHidden: true })).not.toMatch(/assumed-role|NEEDLE/)
  })

  test('a disabled key', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({
      secrets: { 'prod/db': NEEDLE },
      parameters: { '/prod/key': { type: 'SecureString', value: NEEDLE } },
    })
    emulator.disableKey('alias/aws/secretsmanager')
    emulator.disableKey('alias/aws/ssm')
    expect(isSecretsError(await failureOf(secrets.get('prod/db')), 'ERR_DECRYPT')).toBe(true)
    expect(isSecretsError(await failureOf(secrets.get('ssm:/prod/key')), 'ERR_DECRYPT')).toBe(true)
  })

  test.each([
    ['a throttle', { error: 'ThrottlingException' }, 'ERR_THROTTLED'],
    ['an internal error', { error: 'InternalServiceError', status: 500 }, 'ERR_UNAVAILABLE'],
    ['an expired token', { error: 'ExpiredTokenException' }, 'ERR_CREDENTIALS'],
    ['an unknown key id', { error: 'UnrecognizedClientException' }, 'ERR_CREDENTIALS'],
    ['an invalid request', { error: 'ValidationException' }, 'ERR_REQUEST_REFUSED'],
    ['an empty body', { body: '' }, 'ERR_UNAVAILABLE'],
    ['an empty object', { body: '{}' }, 'ERR_UNAVAILABLE'],
    [
      'a body that quotes the secret and is no JSON',
      { body: `{"SecretString": ${NEEDLE}` },
      'ERR_UNAVAILABLE',
    ],
    ['a page of a proxy', { body: `<html>${NEEDLE}</html>`, status: 502 }, 'ERR_UNAVAILABLE'],
    [
      'an error body that quotes the secret',
      { body: `{"__type":"Odd","SecretString":"${NEEDLE}"}`, status: 400 },
      'ERR_REQUEST_REFUSED',
    ],
    ['a connection that is cut', { drop: 'reset' }, 'ERR_UNAVAILABLE'],
    ['a body that is cut', { drop: 'truncate' }, 'ERR_UNAVAILABLE'],
  ] as const)('%s', async (_title, fault, code) => {
    const { emulator, connect } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    emulator.fail('GetSecretValue', fault)
    const error = await failureOf(secrets.get('prod/db'))
    expect(error).toMatchObject({ code, attempts: 1 })
    expect(inspect(error, { showHidden: true, depth: Infinity }) + JSON.stringify(error)).not.toContain(
      'NEEDLE',
    )
  })

  test('a service that never answers: the deadline ends it, and the request', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    emulator.fail('GetSecretValue', { drop: 'never-answer' })
    const failure = failureOf(secrets.get('prod/db'))
    while (emulator.count('GetSecretValue') === 0) await new Promise(setImmediate)
    clock.advance(5_000)
    expect(isSecretsError(await failure, 'ERR_TIMEOUT')).toBe(true)
  })

  test('a service that is not there', async () => {
    const { connect, sdk, passing } = aws()
    // A port that was given back may be another process's by now; that one is privileged, and its service extinct.
    const secrets = connect({ clients: sdk(1, 'http://127.0.0.1:1') })
    const error = await failureOf(passing(secrets.get('prod/db')))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 3 })
  })

  test.each([
    ['a throttle', { error: 'ThrottlingException' }],
    ['an internal error', { error: 'InternalServiceError', status: 500 }],
    ['an empty body', { body: '' }],
    ['a connection that is cut', { drop: 'reset' }],
  ] as const)('%s that passes within the attempts is none for the reader', async (_title, fault) => {
    const { emulator, secrets, passing } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    emulator.fail('GetSecretValue', fault, { times: 2 })
    await expect(passing(secrets.get('prod/db'))).resolves.toBe(NEEDLE)
    expect(secrets.stats()).toMatchObject({ requests: 3, retries: 2, failures: 0 })
  })
})

describe('odd values', () => {
  test.each([
    ['an empty text', ''],
    ['64 KiB', 'x'.repeat(65_536)],
    ['a byte order mark', '\uFEFF{"a":1}'],
    ['a lone surrogate', 'a\uD800b'],
    ['a NUL', 'a\0b'],
    ['falsy JSON', 'false'],
  ])('%s comes back exactly', async (_title, text) => {
    const { emulator, secrets } = aws()
    emulator.call('CreateSecret', { Name: 'odd', SecretString: text === '' ? 'x' : text })
    if (text === '') emulator.fail('GetSecretValue', { body: '{"Name":"odd","SecretString":""}' })
    await expect(secrets.get('odd')).resolves.toBe(text)
  })

  test('binary that is no text: read as text it is refused with the way out', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/key': Uint8Array.of(0xff, 0xfe, 0) } })
    const error = await failureOf(secrets.get('prod/key'))
    expect(isSecretsError(error, 'ERR_DECODE')).toBe(true)
    expect(error).toHaveProperty('hint', expect.stringContaining("as: 'bytes'"))
  })
})
