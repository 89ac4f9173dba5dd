import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startPostgres } from '../support/postgres.js'
import { NEEDLE, useStage } from './stage.js'

const stage = useStage()

const postgres = await startPostgres()

describe('the rotation function for PostgreSQL', () => {
  const rotate = async () => {
    vi.stubEnv('DATABASE_TLS', 'off')
    const { handler } = await import('../../examples/rotation-lambda.js')
    stage().emulator.onRotate(handler, { attempts: 1 })
    return stage().emulator.rotate('prod/db')
  }
  const seed = (more: object = {}) => {
    const { host, port, database: dbname } = postgres
    const place = { engine: 'postgres', host, port, dbname }
    stage().emulator.seed({
      secrets: { 'prod/db': { ...place, username: 'app', password: NEEDLE, ...more } },
    })
  }

  test('rotates, and logs every step', async () => {
    await postgres.createUser('app', NEEDLE)
    seed()
    const { state, secretId, versionId } = await rotate()
    expect(state).toBe('succeeded')
    const { printed } = stage()
    expect(printed.map((line): unknown => JSON.parse(String(line)))).toEqual(
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => ({
        step,
        secretId,
        versionId,
        result: 'done',
      })),
    )
    const text = String(stage().emulator.call('GetSecretValue', { SecretId: 'prod/db' })['SecretString'])
    expect(text).toMatch(/"password":"[^"]{40}"/)
  })

  test('logs why it failed', async () => {
    seed({ engine: 'oracle' })
    expect((await rotate()).state).toBe('failed')
    expect(String(stage().printed.at(-1))).toContain('"reason":"secret"')
  })
})

describe('the rotation function for API keys', () => {
  /** Keys by id; two at most. */
  async function startKeys(keys: Map<string, string>) {
    const server = createServer((request, response) => {
      const id = request.url?.split('/')[2] ?? ''
      const isKnown = [...keys.values()].some((key) => request.headers.authorization === `Bearer ${key}`)
      if (!isKnown) response.writeHead(401).end()
      else if (request.method === 'DELETE') response.writeHead(keys.delete(id) ? 204 : 404).end()
      else if (request.method === 'GET') response.end()
      else if (keys.size >= 2 && !keys.has(id)) response.writeHead(409).end()
      else {
        const key = keys.get(id) ?? `key-${id}`
        keys.set(id, key)
        response.end(JSON.stringify({ id, key }))
      }
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    vi.stubEnv('KEYS_API', `http://127.0.0.1:${port}`)
    const { handler } = await import('../../examples/rotation-lambda-api-key.js')
    return handler
  }

  test('has two keys alive at any time, though each step is repeated', async () => {
    const keys = new Map([['first', NEEDLE]])
    const { emulator } = stage()
    emulator.seed({ secrets: { 'prod/key': { id: 'first', key: NEEDLE } } })
    emulator.onRotate(await startKeys(keys))
    emulator.disturbRotation('*', { fail: 'after' }, { times: 2 })
    emulator.disturbRotation('*', { replay: 1 })
    const ids = ['first']
    for (let round = 1; round <= 3; round += 1) {
      const { state, versionId } = await emulator.rotate('prod/key')
      expect(state).toBe('succeeded')
      ids.push(versionId)
      expect([...keys.keys()]).toEqual(ids.slice(-2))
    }
  })

  test('says what the service refused', async () => {
    const { emulator } = stage()
    emulator.seed({ secrets: { 'prod/key': { id: 'first', key: NEEDLE } } })
    const handler = await startKeys(new Map())
    const messages: string[] = []
    emulator.onRotate(
      async (event) => {
        await handler(event).catch((error: unknown) => messages.push(String(error)))
      },
      { attempts: 1 },
    )
    await emulator.rotate('prod/key')
    expect(messages[0]).toContain('createSecret: the service does not create a key: HTTP 401')
  })
})
