/** A fake gives nothing away, and loads nothing of AWS. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import { expect, test } from 'vitest'
import { failureOf } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

test('values are in no inspection, log or error of it', async () => {
  const clock = new ManualClock()
  const scene = { 'prod/text': NEEDLE, 'prod/json': { password: NEEDLE }, 'ssm:/x': NEEDLE }
  const fake = createFakeSecrets({ ...scene, 'prod/bytes': Buffer.from(NEEDLE) }, { clock })
  const { secrets, vault } = fake
  vault.startRotation('prod/text', NEEDLE)
  vault.deny('prod/json')
  const reads = [secrets.get('prod/none'), secrets.get('prod/json'), secrets.get('ssm:/x:9')]
  const failures = await Promise.all(reads.map(failureOf))
  await Promise.all([secrets.get('prod/text'), secrets.get('ssm:/x')])
  const told = [vault.requests, vault.secretVersions('prod/text'), vault.parameterVersions('ssm:/x')]
  for (const subject of [fake, vault, vault.sources, clock, ...failures, ...told])
    expectNoNeedle(subject, NEEDLE)
})

test('nor what the sources themselves raise', async () => {
  const { vault } = createFakeSecrets({ 'prod/text': NEEDLE, 'ssm:/x': NEEDLE })
  vault.goDown()
  const [secrets] = vault.sources
  const { signal } = new AbortController()
  const reference = {
    service: 'secretsmanager',
    name: 'prod/text',
    ref: 'prod/text',
    key: 'prod/text',
  } as const
  expectNoNeedle(await failureOf(secrets.load([reference], { signal })), NEEDLE)
  vault.comeBack()
  vault.fail('*', 'ERR_DECRYPT')
  expectNoNeedle(await failureOf(secrets.load([reference], { signal })), NEEDLE)
})

test('a value that cannot be stored is not quoted', () => {
  const circle: Record<string, unknown> = { [NEEDLE]: NEEDLE }
  circle['itself'] = circle
  const attempts: (() => unknown)[] = [
    () => createFakeSecrets({ 'prod/x': circle }),
    () =>
      createFakeSecrets({
        'prod/x': {
          toJSON: () => {
            throw new Error(NEEDLE)
          },
        },
      }),
    () => createFakeSecrets({ 'ssm:/x': [`${NEEDLE},`] }),
    () => createFakeSecrets({ 'ssm:/x': Buffer.from(NEEDLE) }),
    // A value in the place of a name.
    () => createFakeSecrets({ [NEEDLE]: 'x' }),
    () => createFakeSecrets({}, { [NEEDLE]: 1 } as object),
    () => createFakeSecrets().vault.fail('prod/x', NEEDLE),
    () => createFakeSecrets().vault.deny(NEEDLE),
  ]
  for (const attempt of attempts) {
    const error = thrownBy(attempt)
    expect(error).toBeInstanceOf(TypeError)
    expectNoNeedle(error, NEEDLE)
  }
})

test('no SDK is loaded by reading, failing and retrying', { timeout: 60_000 }, async () => {
  const program = `
    import { createFakeSecrets } from 'aws-secrets-client/testing'
    import { createRequire } from 'node:module'
    const { secrets, vault } = createFakeSecrets({ 'prod/db': 'x', 'ssm:/x': 'y' })
    vault.throttle('*', { times: 1 })
    const values = [await secrets.get('prod/db'), await secrets.get('ssm:/x'), Object.keys(await secrets.tree('ssm:/')).length]
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@aws-sdk'))
    console.log(JSON.stringify([values, loaded]))
  `
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: new URL('../..', import.meta.url) },
  )
  expect(JSON.parse(stdout)).toEqual([['x', 'y', 1], []])
})

function thrownBy(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    return error
  }
  throw new Error('expected it to throw')
}
