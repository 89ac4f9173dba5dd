/** A service on ECS or EC2 that takes signed webhooks and survives the rotation of their signing key. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { SecretsClient, type SecretsEvent, isSecretsError } from 'aws-secrets-client'

export interface RunningServer {
  readonly port: number
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: object
}

const CURRENT_KEY = 'prod/webhooks#signingKey'
const PREVIOUS_KEY = 'prod/webhooks:AWSPREVIOUS#signingKey'
const RECENT_MS = 5_000
const MAX_BODY_BYTES = 1024 * 1024

/** Starts to listen; `port` 0 takes a free one. */
export async function startServer(port: number): Promise<RunningServer> {
  const secrets = new SecretsClient({ onEvent: report })
  // A task that cannot read its key must not pass its first health check.
  await secrets.get(CURRENT_KEY)

  const server = createServer((request, response) => {
    void answer(secrets, request)
      .catch(failed)
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
  })
  server.listen(port)
  await once(server, 'listening')

  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await closed
      await secrets.close()
    },
  }
}

async function answer(secrets: SecretsClient, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method ?? ''} ${request.url ?? ''}`
  if (route === 'GET /health') return { status: 200, body: { secrets: secrets.stats() } }
  if (route !== 'POST /webhooks') return { status: 404, body: { error: 'not found' } }

  // Also refuses a body of unannounced length, whose header is missing.
  const isSmall = Number(request.headers['content-length']) <= MAX_BODY_BYTES
  if (!isSmall) return { status: 413, body: { error: 'too large' } }

  const signature = Buffer.from(String(request.headers['x-signature']), 'hex')
  const isGenuine = await isSigned(secrets, await buffer(request), signature)
  return isGenuine ? { status: 202, body: {} } : { status: 401, body: { error: 'bad signature' } }
}

async function isSigned(secrets: SecretsClient, body: Buffer, signature: Buffer): Promise<boolean> {
  if (matches(await secrets.get(CURRENT_KEY), body, signature)) return true

  // The sender may use a newer key than the cached one, or still the one before. A value of the last seconds
  // will do, so that forged requests cannot make this service call AWS each time. (Until the first rotation
  // there is no key before; that, too, is remembered, for a second at first and for longer each time.)
  const [current, previous] = await Promise.all([
    secrets.get(CURRENT_KEY, { ttlMs: RECENT_MS }),
    secrets.get(PREVIOUS_KEY, { ttlMs: RECENT_MS, default: undefined }),
  ])
  return matches(current, body, signature) || (previous !== undefined && matches(previous, body, signature))
}

function matches(key: string, body: Buffer, signature: Buffer): boolean {
  const expected = createHmac('sha256', key).update(body).digest()
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

/** Prints what an operator wants to know while callers notice nothing. Safe to print: no event holds a value. */
function report(event: SecretsEvent): void {
  if (event.type === 'refresh' && event.trigger === 'background' && !event.ok) console.warn(event)
  if (event.type === 'stale' && event.reason === 'error') console.warn(event)
}

function failed(error: unknown): Answer {
  console.error(error)
  const status = isSecretsError(error) && error.retryable ? 503 : 500
  return { status, body: { error: 'try again later' } }
}

if (process.argv[1] === import.meta.filename) {
  const server = await startServer(Number(process.env['PORT'] ?? 8080))
  process.once('SIGTERM', () => void server.close())
  console.log(`listening on port ${server.port}`)
}
