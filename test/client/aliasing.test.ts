/** One secret under several spellings, with answers that come in any order. */

import { expect, test } from 'vitest'
import { SecretsClient, isSecretsError } from '../../src/index.js'
import { FakeSource, deferred } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const OLD = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'
const NEW = OLD.replace('AbCdEf', 'GhIjKl')

const version = (text: string, arn = OLD) => ({
  text,
  arn,
  name: 'db',
  versionId: `${text}-90ab-cdef-fedc-ba987EXAMPLE`,
})
const begun = () => new Promise(setImmediate)

function build(maxBytes = 1000) {
  const source = new FakeSource(version('v1'))
  const secrets = new SecretsClient({ sources: [source], clock: new ManualClock(), cache: { maxBytes } })
  /** A read whose answer the test lets go later. */
  const slow = async (ref: string) => {
    const answer = deferred<ReturnType<typeof version>>()
    source.answer(() => answer.promise)
    const read = secrets.get(ref, { fresh: true })
    await begun()
    const land = async (value: ReturnType<typeof version>) => {
      answer.resolve(value)
      await read
    }
    return land
  }
  return { secrets, source, slow }
}

test('a late answer from before a re-creation does not lead the name back to the old secret', async () => {
  const { secrets, source, slow } = build()
  await secrets.get(OLD)
  const land = await slow('db')
  source.answer(version('new', NEW))
  await secrets.refresh('db')
  await land(version('v1'))
  await expect(secrets.get('db')).resolves.toBe('new')
})

test('an old ARN never yields the secret that was created in its place', async () => {
  const { secrets, source, slow } = build()
  const land = await slow('db')
  source.answer(version('new', NEW))
  await secrets.get('db', { fresh: true })
  await land(version('v1'))
  await expect(secrets.read(OLD)).resolves.toMatchObject({ value: 'v1', arn: OLD })
  await expect(secrets.read('db')).resolves.toMatchObject({ value: 'new', arn: NEW })
})

test('what was invalidated under a name is not found again when the name turns out to be a known ARN', async () => {
  const { secrets, source, slow } = build()
  await secrets.get(OLD)
  const land = await slow('db')
  secrets.invalidate('db')
  await land(version('v1'))
  source.answer(version('v2'))
  await expect(secrets.get('db')).resolves.toBe('v2')
  await expect(secrets.get(OLD)).resolves.toBe('v2')
})

test('an answer that is older than an oversize one is not cached in its place', async () => {
  const { secrets, source, slow } = build(5)
  const land = await slow('db')
  source.answer(version('too large to keep'))
  await secrets.get('db', { fresh: true })
  await land(version('v1'))
  await expect(secrets.get('db')).resolves.toBe('too large to keep')
})

test('a source that answers every name with one ARN does not make two secrets one', async () => {
  const source = new FakeSource(({ name = '' }) => ({ text: `value of ${name}`, arn: OLD }))
  const secrets = new SecretsClient({ sources: [source] })
  await secrets.get('db')
  await secrets.get('other')
  await expect(Promise.all([secrets.get('db'), secrets.get('other')])).resolves.toEqual([
    'value of db',
    'value of other',
  ])
})

test('an error names the reference of the caller, not that of another spelling', async () => {
  const { secrets } = build()
  await Promise.all([secrets.get('db'), secrets.get(OLD)])
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: () => Promise.resolve({ issues: [{ message: '' }] }),
    },
  }
  const refs = ['db', OLD].map((ref) =>
    secrets.get(ref, { schema, as: 'text' }).catch((error: unknown) => isSecretsError(error) && error.ref),
  )
  await expect(Promise.all(refs)).resolves.toEqual(['db', OLD])
})

test("an abort's own reason is neither replaced by a default nor by a copy, even if it is an error of ours", async () => {
  const { secrets, source } = build()
  source.answer(() => Promise.reject(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' })))
  const reason: unknown = await secrets.get('other').catch((error: unknown) => error)
  source.answer(() => new Promise<never>(() => undefined))
  const controller = new AbortController()
  const { signal } = controller
  const waits = [secrets.get('db', { signal, default: 'D' }), secrets.get('db', { signal })]
  controller.abort(reason)
  for (const wait of waits) expect(await wait.catch((error: unknown) => error)).toBe(reason)
})

test('a schema that throws an error of ours has thrown: no default', async () => {
  const { secrets, source } = build()
  source.answer(() => Promise.reject(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' })))
  const notFound: unknown = await secrets.get('other').catch((error: unknown) => error)
  source.answer(version('v1'))
  const schema = {
    '~standard': { version: 1 as const, vendor: 'test', validate: () => Promise.reject(notFound) },
  }
  const error: unknown = await secrets
    .get('db', { schema, as: 'text', default: 'D' })
    .catch((thrown: unknown) => thrown)
  expect(isSecretsError(error, 'ERR_SCHEMA')).toBe(true)
})
