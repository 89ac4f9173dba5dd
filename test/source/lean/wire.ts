/** A server on the loopback that answers as a test says, and keeps what it was asked. */

import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** One request. */
interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The connection that it came by, counted from 1. */
  readonly connection: number
}

export interface Wire {
  readonly url: string
  readonly seen: readonly Seen[]
  /** Connections that are open. */
  readonly open: () => number
}

/** Answers, or does not. */
export type Respond = (response: ServerResponse, seen: Seen, count: number) => void

/** A secret of this name and text. */
export const secretAnswer = (text = 'value') =>
  JSON.stringify({ Name: 'prod/db', SecretString: text, VersionStages: ['AWSCURRENT'] })

/** Starts the server, until the test is over. */
export async function startWire(respond: Respond): Promise<Wire> {
  const seen: Seen[] = []
  const connections: object[] = []
  let open = 0
  const server = createServer((request, response) => {
    response.sendDate = false
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const connection = connections.indexOf(request.socket) + 1
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString(), connection }
      seen.push(one)
      respond(response, one, seen.length)
    })
  })
  server.keepAliveTimeout = 0
  server.on('connection', (socket) => {
    connections.push(socket)
    open += 1
    socket.on('close', () => (open -= 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, seen, open: () => open }
}
