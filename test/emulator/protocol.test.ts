import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { post, signedFor, start } from './setup.js'

const GET = 'secretsmanager.GetSecretValue'
const SIGNED = signedFor('us-east-1', 'secretsmanager')

describe('AWS JSON 1.1', () => {
  test('a success has the content type, a request id, no Date, and dates as seconds', async () => {
    const { emulator, clock } = await start()
    emulator.seed({ secrets: { a: 'v' } })
    const answer = await post(emulator.url, GET, '{"SecretId":"a"}', SIGNED)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.get('date')).toBeNull()
    expect(await answer.json()).toMatchObject({
      Name: 'a',
      SecretString: 'v',
      CreatedDate: clock.now() / 1000,
    })
  })

  test('an error names its type and says why', async () => {
    const { emulator } = await start()
    const answer = await post(emulator.url, GET, '{"SecretId":"a"}', SIGNED)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      __type: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    })
    expect(answer.headers.get('x-amzn-requestid')).toBe(emulator.requests[0]?.requestId)
  })

  test('an error that AWS sends without a text has none', async () => {
    const { emulator } = await start()
    const answer = await post(
      emulator.url,
      'AmazonSSM.GetParameter',
      '{"Name":"a"}',
      signedFor('us-east-1', 'ssm'),
    )
    expect(await answer.json()).toEqual({ __type: 'ParameterNotFound' })
  })

  test.each([
    ['an unknown operation', 'secretsmanager.Nothing', '{}', SIGNED, 'UnknownOperationException'],
    [
      'an operation of the other service',
      'AmazonSSM.GetSecretValue',
      '{}',
      SIGNED,
      'UnknownOperationException',
    ],
    ['no signature', GET, '{}', {}, 'MissingAuthenticationTokenException'],
    ['no SigV4 signature', GET, '{}', { authorization: 'Bearer x' }, 'IncompleteSignatureException'],
    [
      'a signature for the other service',
      GET,
      '{}',
      signedFor('us-east-1', 'ssm'),
      'InvalidSignatureException',
    ],
    ['a body that is not JSON', GET, '{"SecretId":"hunter2', SIGNED, 'SerializationException'],
    ['a body that is no object', GET, '["hunter2"]', SIGNED, 'SerializationException'],
    ['no body', GET, '', SIGNED, 'SerializationException'],
  ])('%s is refused', async (_title, target, body, headers, type) => {
    const { emulator } = await start()
    const answer = await post(emulator.url, target, body, headers)
    expect(answer.status).toBe(400)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ __type: type })
    expect(text).not.toContain('hunter2')
    expect(emulator.requests).toEqual([])
  })

  test('anything but POST is refused', async () => {
    const { emulator } = await start()
    const answer = await fetch(emulator.url, { headers: { 'x-amz-target': GET, ...SIGNED } })
    expect(await answer.json()).toEqual({ __type: 'UnknownOperationException' })
  })

  test('a request without a target is refused', async () => {
    const { emulator } = await start()
    const answer = await fetch(emulator.url, { method: 'POST', headers: SIGNED })
    expect(await answer.json()).toEqual({ __type: 'UnknownOperationException' })
  })

  test('a body beyond all limits is refused', async () => {
    const { emulator } = await start()
    const answer = await post(emulator.url, GET, 'x'.repeat(1024 * 1024 + 1), SIGNED)
    expect(answer.status).toBe(413)
    expect(await answer.json()).toEqual({ __type: 'RequestEntityTooLargeException' })
  })

  test('a client that goes away in the middle of its body harms nobody', async () => {
    const { emulator } = await start()
    const half = connect(Number(new URL(emulator.url).port), '127.0.0.1')
    await once(half, 'connect')
    half.end('POST / HTTP/1.1\r\nhost: emulator\r\ncontent-length: 100\r\n\r\n{')
    half.resume()
    await once(half, 'close')
    expect((await post(emulator.url, GET, '{}', SIGNED)).status).toBe(400)
  })

  test('null counts as absent', async () => {
    const { emulator } = await start()
    emulator.seed({ secrets: { a: 'v' } })
    const answer = await post(emulator.url, GET, '{"SecretId":"a","VersionId":null}', SIGNED)
    expect(answer.status).toBe(200)
  })

  test.each([
    ['SecretId', 1, 'SecretId is not a string'],
    ['VersionStage', ['a'], 'VersionStage is not a string'],
  ])('a member of a wrong type is refused: %s', async (member, value, text) => {
    const { emulator } = await start()
    const answer = await post(emulator.url, GET, JSON.stringify({ SecretId: 'a', [member]: value }), SIGNED)
    expect(await answer.json()).toEqual({ __type: 'SerializationException', Message: text })
  })
})
