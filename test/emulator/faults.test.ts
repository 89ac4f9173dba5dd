import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import type { Fault, FaultOptions } from '../../src/emulator/index.js'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { post, signedFor, start, until } from './setup.js'

const SIGNED = signedFor('us-east-1', 'secretsmanager')
const readSecret = (SecretId: string) => new GetSecretValueCommand({ SecretId })
const readParameter = (Name: string) => new GetParameterCommand({ Name, WithDecryption: true })

async function startSeeded() {
  const started = await start()
  started.emulator.seed({
    secrets: { a: 'va', b: 'vb' },
    parameters: { '/a': 'va', '/s': { type: 'SecureString', value: 'vs' } },
  })
  return started
}

describe('a fault', () => {
  test.each<[string, string, number]>([
    ['InternalServiceError', 'An error occurred on the server side.', 500],
    ['ServiceUnavailableException', 'UnknownError', 503],
    ['ThrottlingException', 'Rate exceeded', 400],
    ['ExpiredTokenException', 'The security token included in the request is expired', 400],
  ])('of an error answers with AWS’s text and status: %s', async (error, message, status) => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.fail('GetSecretValue', { error })
    expect(await failureOf(secretsManager.send(readSecret('a')))).toEqual({ name: error, message, status })
    expect(emulator.requests).toMatchObject([{ error, status }])
  })

  test('may have a text, a status and headers of its own', async () => {
    const { emulator } = await startSeeded()
    const fault = { error: 'Odd', message: 'odd', status: 429, headers: { 'retry-after': '3' } }
    emulator.fail('GetSecretValue', fault)
    const answer = await post(emulator.url, 'secretsmanager.GetSecretValue', '{"SecretId":"a"}', SIGNED)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3'])
    expect(await answer.json()).toEqual({ __type: 'Odd', Message: 'odd' })
  })

  test.each([
    ['', 200],
    ['{}', 200],
    ['not json', 200],
    ['<html></html>', 502],
  ])('may be the raw body %j', async (body, status) => {
    const { emulator } = await startSeeded()
    emulator.fail('*', status === 200 ? { body } : { body, status, headers: { 'content-type': 'text/html' } })
    const answer = await post(emulator.url, 'secretsmanager.GetSecretValue', '{"SecretId":"a"}', SIGNED)
    expect([answer.status, await answer.text()]).toEqual([status, body])
    expect(emulator.requests[0]).toMatchObject({ status })
  })

  test('may cut the connection', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.fail('GetSecretValue', { drop: 'reset' }, { times: 1 })
    await expect(secretsManager.send(readSecret('a'))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(emulator.requests[0]).not.toHaveProperty('status')
    expect(await outcomeOf(secretsManager.send(readSecret('a')))).toBe('success')
  })

  test('may never answer', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.fail('GetSecretValue', { drop: 'never-answer' })
    const abort = new AbortController()
    const pending = secretsManager.send(readSecret('a'), { abortSignal: abort.signal })
    await until(() => emulator.count() === 1)
    abort.abort()
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('may cut the answer in the middle, after the operation has run', async () => {
    const { emulator } = await startSeeded()
    emulator.fail('PutSecretValue', { drop: 'truncate' })
    const body = JSON.stringify({ SecretId: 'a', SecretString: 'newer' })
    const answer = await post(emulator.url, 'secretsmanager.PutSecretValue', body, SIGNED)
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect(emulator.call('GetSecretValue', { SecretId: 'a' })['SecretString']).toBe('newer')
  })

  test('hits as often as it says, the oldest first, until it is removed', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.fail('GetSecretValue', { error: 'First' }, { times: 2 })
    const remove = emulator.fail('*', { error: 'Second' })
    const read = () => outcomeOf(secretsManager.send(readSecret('a')))
    expect([await read(), await read(), await read(), await read()]).toEqual([
      'First',
      'First',
      'Second',
      'Second',
    ])
    remove()
    remove()
    expect(await read()).toBe('success')
  })

  test.each<[string, FaultOptions['match'], string[]]>([
    ['a name', 'a', ['Struck', 'success']],
    ['a pattern', '?', ['Struck', 'Struck']],
    ['an ARN', 'arn:aws:secretsmanager:*:secret:b-??????', ['success', 'Struck']],
    ['a function', (id) => id === 'b', ['success', 'Struck']],
    ['a pattern that fits none', 'c*', ['success', 'success']],
  ])('can be held to certain secrets by %s', async (_title, match, outcomes) => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.fail('secretsmanager.GetSecretValue', { error: 'Struck' }, match === undefined ? {} : { match })
    const read = (id: string) => outcomeOf(secretsManager.send(readSecret(id)))
    expect([await read('a'), await read('b')]).toEqual(outcomes)
  })

  test('can be held to certain parameters, however they are asked for', async () => {
    const { emulator, ssm } = await startSeeded()
    emulator.fail('*', { error: 'Struck' }, { match: '/a' })
    const read = (Name: string) => outcomeOf(ssm.send(readParameter(Name)))
    expect([await read('/a'), await read('a:1'), await read('/s')]).toEqual(['Struck', 'Struck', 'success'])
  })

  test('whose function throws is an internal failure, and tells nothing of what was thrown', async () => {
    const { emulator, secretsManager } = await startSeeded()
    const match = () => {
      throw new Error('NEEDLE')
    }
    emulator.fail('*', { error: 'Struck' }, { match })
    expect(await failureOf(secretsManager.send(readSecret('a')))).toEqual({
      name: 'InternalFailure',
      message: 'The emulator could not answer: a match function or the clock that it was given has thrown.',
      status: 500,
    })
  })

  test('comes before throttles and denials, and touches nothing', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.deny('*')
    emulator.fail('PutSecretValue', { error: 'Struck' })
    const put = new PutSecretValueCommand({ SecretId: 'a', SecretString: 'newer' })
    expect(await outcomeOf(secretsManager.send(put))).toBe('Struck')
    expect(emulator.call('GetSecretValue', { SecretId: 'a' })['SecretString']).toBe('va')
  })

  test.each<[unknown, string]>([
    [{}, 'got members none'],
    [{ error: '' }, 'got members error'],
    [{ error: 'A', body: '' }, 'got members error, body'],
    [{ drop: 'gently' }, 'got members drop'],
    [{ body: 1 }, 'got members body'],
    [{ drop: 'reset', status: 500 }, "fault: expected only drop; got 'status'"],
    [{ error: 'A', status: 99 }, 'fault.status: expected a whole number from 200 to 599; got 99'],
    [{ error: 'A', headers: 'x' }, 'fault.headers: expected an object'],
    [null, 'fault: expected one of'],
  ])('that cannot be is refused: %j', async (fault, message) => {
    const { emulator } = await start()
    expect(() => emulator.fail('*', fault as Fault)).toThrow(TypeError)
    expect(() => emulator.fail('*', fault as Fault)).toThrow(message)
  })

  test.each<[object, string]>([
    [{ times: 0 }, 'times: expected a whole number of at least 1, or Infinity; got 0'],
    [{ match: 5 }, 'match: expected a pattern or a function; got 5'],
    [{ time: 1 }, "fail: expected only times, match; got 'time'"],
  ])('with options that cannot be is refused: %j', async (options, message) => {
    const { emulator } = await start()
    expect(() => emulator.fail('*', { body: '' }, options)).toThrow(message)
  })

  test('of an unknown operation is refused', async () => {
    const { emulator } = await start()
    expect(() => emulator.fail('GetSecret' as '*', { body: '' })).toThrow("got 'GetSecret'")
  })
})
