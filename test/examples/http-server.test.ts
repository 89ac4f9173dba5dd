import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import { NEEDLE, ROTATED, exampleAt, freezeTime, later, useStage } from './stage.js'

const stage = useStage()

const TEN_MINUTES = 600_000

const signed = (key: string, body: string) => createHmac('sha256', key).update(body).digest('hex')

const putKey = (signingKey: string) => {
  stage().emulator.seed({ secrets: { 'prod/webhooks': { signingKey } } })
}

const calls = () => stage().emulator.count()

/** The example's server, with a way to send it webhooks. */
async function start() {
  const { startServer } = await import('../../examples/http-server.js')
  const server = await startServer(0)
  const url = `http://127.0.0.1:${server.port}`
  return {
    url,
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
    async post(signature: string, body = 'event') {
      const headers = { 'x-signature': signature, connection: 'close' }
      const { status } = await fetch(`${url}/webhooks`, { method: 'POST', body, headers })
      return status
    },
  }
}

describe('the HTTP server', () => {
  test('takes any number of webhooks on one request to AWS', async () => {
    putKey(NEEDLE)
    await using server = await start()
    const bodies = ['a', 'b', 'c', 'd']
    const statuses = await Promise.all(bodies.map((body) => server.post(signed(NEEDLE, body), body)))
    expect(statuses).toEqual([202, 202, 202, 202])
    expect(calls()).toBe(1)
  })

  test.each([
    ['forged', signed('another key', 'event')],
    ['of another body', signed(NEEDLE, 'another event')],
    ['cut short', signed(NEEDLE, 'event').slice(0, 8)],
    ['empty', ''],
  ])('refuses a signature that is %s, though there is no previous key', async (_title, signature) => {
    putKey(NEEDLE)
    await using server = await start()
    await expect(server.post(signature)).resolves.toBe(401)
  })

  test('takes both keys after a rotation', async () => {
    freezeTime()
    putKey(NEEDLE)
    await using server = await start()
    putKey(ROTATED)
    later(5_001)
    await expect(server.post(signed(ROTATED, 'event'))).resolves.toBe(202)
    await expect(server.post(signed(NEEDLE, 'event'))).resolves.toBe(202)
    expect(calls()).toBe(3)
  })

  test('does not call AWS for each forged request', async () => {
    putKey(ROTATED)
    putKey(NEEDLE)
    await using server = await start()
    for (const key of ['a', 'b', 'c', 'd']) await server.post(signed(key, 'event'))
    expect(calls()).toBe(2)
  })

  test('does not start without its key', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', ref: 'prod/webhooks#signingKey' })
  })

  test('asks callers to come back while AWS does not answer, and prints why', async () => {
    putKey(NEEDLE)
    await using server = await start()
    stage().emulator.fail('GetSecretValue', { body: `{"SecretString":"${NEEDLE}`, status: 500 })
    await expect(server.post(signed('another key', 'event'))).resolves.toBe(503)
    expect(stage().printed).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test('goes on with the key at hand while AWS is down, and prints that it does', async () => {
    freezeTime()
    putKey(NEEDLE)
    await using server = await start()
    stage().emulator.fail('*', { error: 'InternalServiceError', status: 500 })
    later(TEN_MINUTES)
    await expect(server.post(signed(NEEDLE, 'event'))).resolves.toBe(202)
    expect(stage().printed).toEqual([
      expect.objectContaining({ type: 'stale', reason: 'error', code: 'ERR_UNAVAILABLE' }),
    ])
  })

  test('answers 500 when its role is denied, and prints what to allow', async () => {
    putKey(NEEDLE)
    await using server = await start()
    stage().emulator.deny('secretsmanager:GetSecretValue')
    await expect(server.post(signed('another key', 'event'))).resolves.toBe(500)
    expect(String(stage().printed)).toContain('Allow secretsmanager:GetSecretValue')
  })

  test('shows its cache, and no key, on the health page', async () => {
    putKey(NEEDLE)
    await using server = await start()
    await server.post(signed(NEEDLE, 'event'))
    const health: unknown = await (
      await fetch(`${server.url}/health`, { headers: { connection: 'close' } })
    ).json()
    expect(health).toMatchObject({ secrets: { hits: 1, misses: 1, requests: 1, failures: 0, entries: 1 } })
    expectNoNeedle(health, NEEDLE)
  })

  test('refuses a large body and knows no other page', async () => {
    putKey(NEEDLE)
    await using server = await start()
    await expect(server.post('', 'x'.repeat(1024 * 1024 + 1))).resolves.toBe(413)
    const { status } = await fetch(`${server.url}/other`, { headers: { connection: 'close' } })
    expect(status).toBe(404)
  })

  test('stops listening when it is closed', async () => {
    putKey(NEEDLE)
    const server = await start()
    await server.close()
    await expect(server.post(signed(NEEDLE, 'event'))).rejects.toThrow('fetch failed')
  })

  test('ends by itself after SIGTERM, and has printed no key', async () => {
    putKey(NEEDLE)
    const env = { ...process.env, PORT: '0' }
    const server = spawn(process.execPath, ['--import', 'tsx', exampleAt('http-server.ts')], { env })
    const ended = once(server, 'exit')
    const stderr = text(server.stderr)
    for await (const line of createInterface(server.stdout)) {
      expect(line).toMatch(/^listening on port \d+$/)
      server.kill('SIGTERM')
    }
    await expect(ended).resolves.toEqual([0, null])
    await expect(stderr).resolves.toBe('')
  })
})
