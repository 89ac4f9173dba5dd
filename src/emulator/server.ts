/**
 * The HTTP side: loopback only, one POST per operation, connections kept alive and destroyed on close.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { EmulatorError, refusal } from './emulator-error.js'
import { failure, type HttpRequest, type HttpResponse } from './protocol.js'

/** An answer on its way: a whole response, one to be cut in the middle, or none. */
export type Answer =
  | { readonly kind: 'respond' | 'truncate'; readonly response: HttpResponse }
  | { readonly kind: 'reset' | 'never-answer' }

/** Decides the answer to a request, whose id is given. */
export type Answerer = (request: HttpRequest, requestId: string) => Promise<Answer>

/** A server that listens. */
export interface RunningServer {
  readonly port: number
  /** Keeps the process alive until the work settles. */
  holdFor<Result>(work: Promise<Result>): Promise<Result>
  /** Stops listening and destroys every connection, idle or not. */
  close(): Promise<void>
}

/** More than the largest request of either service, a binary secret of 64 KiB in base64, with ample room. */
const MAX_BODY_BYTES = 1024 * 1024
const HOST = '127.0.0.1'
const CANNOT_ANSWER =
  'The emulator could not answer: a match function or the clock that it was given has thrown.'

/** Starts a server on the port, or on a free one for 0. Rejects if the port is taken. */
export async function startServer(
  port: number,
  isDetached: boolean,
  answer: Answerer,
): Promise<RunningServer> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    void serve(request, response, answer)
  })
  // An idle connection that the server closes meets the client's next request: a reset that no test has asked for.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (isDetached) socket.unref()
  })
  await listen(server, port)
  if (isDetached) server.unref()
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      for (const socket of sockets) socket.destroy()
    })
  let held = 0
  const holdFor = async <Result>(work: Promise<Result>) => {
    if (!isDetached) return work
    held += 1
    server.ref()
    try {
      return await work
    } finally {
      held -= 1
      if (held === 0) server.unref()
    }
  }
  return { port: portOf(server), holdFor, close }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: Answerer): Promise<void> {
  const requestId = randomUUID()
  // The SDK corrects its clock by the Date header, which would undo a test's own clock.
  response.sendDate = false
  response.setHeader('x-amzn-requestid', requestId)
  response.setHeader('content-type', 'application/x-amz-json-1.1')
  const answered = await answerTo(request, requestId, answer)
  if (answered.kind === 'reset') response.socket?.resetAndDestroy()
  if (answered.kind === 'respond') respond(response, answered.response)
  if (answered.kind === 'truncate') truncate(response, answered.response)
}

async function answerTo(request: IncomingMessage, requestId: string, answer: Answerer): Promise<Answer> {
  try {
    const { method = '', headers } = request
    return await answer({ method, headers, body: await readBody(request) }, requestId)
  } catch (error) {
    // Its own text stays away: only a test's own function can have thrown it, and nobody knows what it quotes.
    const refused = error instanceof EmulatorError ? error : refusal('InternalFailure', CANNOT_ANSWER)
    return { kind: 'respond', response: failure(refused) }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    // Read to the end all the same: an answer before that reaches the client as a reset.
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (sizeBytes <= MAX_BODY_BYTES) return Buffer.concat(chunks)
  throw new EmulatorError('RequestEntityTooLargeException', { status: 413 })
}

function respond(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function truncate(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.write(body.slice(0, body.length / 2), () => {
    response.destroy()
  })
}
