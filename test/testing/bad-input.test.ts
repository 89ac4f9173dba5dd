/** What cannot be is a TypeError that says what was expected. */

import { ManualClock, createFakeSecrets, sourceConformance } from 'aws-secrets-client/testing'
import { expect, test } from 'vitest'

/** As from JavaScript. */
const wrong = (value: unknown) => value as never
const vault = () => createFakeSecrets({ 'prod/db': 'x', 'ssm:/x': 'y' }).vault

test.each<[string, () => unknown, string]>([
  ['a scene that is none', () => createFakeSecrets(wrong(['x'])), "expected an object such as { 'prod/db'"],
  [
    'a number as value',
    () => createFakeSecrets({ 'prod/x': wrong(42) }),
    'prod/x: expected a string, bytes or an object',
  ],
  ['null as value', () => createFakeSecrets({ 'prod/x': wrong(null) }), 'got null'],
  ['a BigInt inside', () => createFakeSecrets({ 'prod/x': { count: 1n } }), 'cannot be written as JSON'],
  [
    'an ArrayBuffer',
    () => createFakeSecrets({ 'prod/x': new ArrayBuffer(8) }),
    'prod/x: the object cannot be written as JSON',
  ],
  ['a Map', () => createFakeSecrets({ 'prod/x': new Map([['a', 1]]) }), 'cannot be written as JSON'],
  [
    'other numbers than bytes',
    () => createFakeSecrets({ 'prod/x': Uint16Array.of(1) }),
    'cannot be written as JSON',
  ],
  [
    'an empty list',
    () => createFakeSecrets({ 'ssm:/x': [] }),
    'ssm:/x: expected a list of at least one text',
  ],
  [
    'bytes as parameter',
    () => createFakeSecrets({ 'ssm:/x': Uint8Array.of(1) }),
    'a parameter holds text, got bytes',
  ],
  ['a field in the scene', () => createFakeSecrets({ 'prod/x#password': 'x' }), 'got one with a field'],
  [
    'a version in the scene',
    () => createFakeSecrets({ 'ssm:/x:3': 'x' }),
    'got one with a version, stage or label',
  ],
  [
    'an impossible name',
    () => createFakeSecrets({ 'ssm:/x/': 'x' }),
    'the name of a parameter does not end with "/"',
  ],
  [
    'sources',
    () => createFakeSecrets({}, wrong({ sources: [] })),
    'unknown option "sources", expected one of cache',
  ],
  ['a region', () => createFakeSecrets({}, wrong({ region: 'eu-west-1' })), 'unknown option "region"'],
  ['an option of the client', () => createFakeSecrets({}, { cache: { ttlMs: -1 } }), 'cache.ttlMs'],
  [
    'a clock',
    () => createFakeSecrets({}, wrong({ clock: { now: 1 } })),
    'clock: expected an object with the methods now',
  ],
  ['a listener', () => createFakeSecrets({}, wrong({ onEvent: 1 })), 'onEvent'],
  ['set without a name', () => vault().set(wrong(undefined), 'x'), 'set: expected a reference such as'],
  ['rotating a parameter', () => vault().rotate('ssm:/x', 'y'), 'got a parameter: they have no stages'],
  ['rotating nothing', () => vault().rotate('prod/none', 'y'), 'rotate: there is no such secret: prod/none'],
  [
    'finishing nothing',
    () => vault().finishRotation('prod/db'),
    'finishRotation: no rotation of the secret is under way',
  ],
  [
    'rolling back nothing',
    () => vault().rollBack('prod/db'),
    'rollBack: no rotation of the secret is under way',
  ],
  [
    'a stage on nothing',
    () => {
      vault().moveStage('prod/db:NONE', 'BLUE')
    },
    'moveStage: there is no such version',
  ],
  [
    'a stage that is none',
    () => {
      vault().moveStage('prod/db', 'a b')
    },
    'expected a word',
  ],
  [
    'a label on a secret',
    () => {
      vault().label('prod/db', 'blue')
    },
    'label: expected a parameter',
  ],
  [
    'a label on nothing',
    () => {
      vault().label('ssm:/x:9', 'blue')
    },
    'label: there is no such version',
  ],
  [
    'versions of nothing',
    () => vault().secretVersions('prod/none'),
    'secretVersions: there is no such secret: prod/none',
  ],
  ['versions of a secret', () => vault().parameterVersions('prod/db'), 'there is no such parameter'],
  [
    'the ARN of nothing',
    () => vault().arn('prod/none'),
    'arn: there is no such secret or parameter: prod/none',
  ],
  [
    'removing nothing',
    () => {
      vault().remove('prod/none')
    },
    'remove: there is no such secret or parameter',
  ],
  [
    'a failure of values',
    () => vault().fail('prod/db', 'ERR_SCHEMA'),
    'For a value of the wrong kind: vault.set()',
  ],
  [
    'a failure that is none',
    () => vault().fail('prod/db', wrong(new Error('x'))),
    'expected the name of a failure, got object',
  ],
  [
    'no times',
    () => vault().fail('prod/db', 'ERR_DECRYPT', { times: 0 }),
    'times as a whole number of at least 1, or Infinity, got 0',
  ],
  [
    'a negative wait',
    () => vault().throttle('*', { retryAfterMs: -1 }),
    'throttle: expected milliseconds of at least 0, got -1',
  ],
  [
    'a delay that is none',
    () => vault().delay(wrong('1s')),
    'delay: expected milliseconds of at least 0, got string',
  ],
  ['a denial of a field', () => vault().deny('prod/db#x'), 'deny: expected a whole value'],
  [
    'a misspelt option of a failure',
    () => vault().fail('prod/db', 'ERR_DECRYPT', wrong({ time: 1 })),
    'fail: unknown option "time", expected one of times, retryAfterMs',
  ],
  ['null for options', () => vault().throttle('*', wrong(null)), 'throttle: expected an object, got null'],
  [
    'a misspelt option of an outage',
    () => {
      vault().goDown(wrong({ quiet: true }))
    },
    'goDown: unknown option "quiet", expected one of silent',
  ],
  [
    'an outage that is silent by text',
    () => {
      vault().goDown({ silent: wrong('yes') })
    },
    'goDown: expected silent as a boolean, got string',
  ],
  [
    'a misspelt option of a clock',
    () => new ManualClock(wrong({ startedAt: 1 })),
    'ManualClock: unknown option "startedAt", expected one of startAt',
  ],
])('%s', (_what, attempt, message) => {
  expect(attempt).toThrow(TypeError)
  expect(attempt).toThrow(message)
})

test.each(['prod/none', 'prod/none:AWSPREVIOUS', 'ssm:/none', 'ssm:/prod/db:3'])(
  'nothing goes wrong with what is not there: %s',
  (ref) => {
    const fake = vault()
    const message = `nothing is stored under ${ref}; put it there first, or pass a pattern such as 'prod/*'`
    const attempts: [string, () => unknown][] = [
      ['fail', () => fake.fail(ref, 'ERR_DECRYPT')],
      ['throttle', () => fake.throttle(ref)],
      ['deny', () => fake.deny(ref)],
      ['delay', () => fake.delay(1, ref)],
    ]
    for (const [name, attempt] of attempts) {
      expect(attempt).toThrow(TypeError)
      expect(attempt).toThrow(`${name}: ${message}`)
    }
  },
)

test('a pattern may be about what is to come, and so may a version', async () => {
  const { secrets, vault: fake } = createFakeSecrets({ 'prod/db': 'x' })
  fake.deny('prod/new*')
  fake.deny('prod/db:AWSPENDING')
  fake.set('prod/new', 'y')
  fake.startRotation('prod/db', 'z')
  for (const ref of ['prod/new', 'prod/db:AWSPENDING']) {
    await expect(secrets.get(ref), ref).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  }
  expect(await secrets.get('prod/db')).toBe('x')
})

test('a rotation begins once', () => {
  const fake = vault()
  fake.startRotation('prod/db', 'y')
  expect(() => fake.startRotation('prod/db', 'z')).toThrow('a rotation of the secret is under way')
})

test.each<[string, unknown, string]>([
  ['no options', undefined, 'expected an object, got undefined'],
  ['no test', {}, 'expected test as the function test or it of a test runner, got undefined'],
  ['no service', { test }, 'expected service as one of secretsmanager, ssm'],
  ['no create', { test, service: 'ssm' }, 'expected create as a function'],
  [
    'an unknown feature',
    { test, service: 'ssm', create: test, without: ['speed'] },
    'expected without as an array',
  ],
  ['a prefix', { test, service: 'ssm', create: test, prefix: 'a b' }, 'expected prefix as a prefix'],
  ['an unknown option', { test, service: 'ssm', create: test, seed: 1 }, 'unknown option "seed"'],
])('the suite refuses %s', (_what, options, message) => {
  const attempt = () => {
    sourceConformance(wrong(options))
  }
  expect(attempt).toThrow(TypeError)
  expect(attempt).toThrow(message)
})
