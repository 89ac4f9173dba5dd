/**
 * One request over HTTP and the whole of its answer, within a bound. Nothing is followed, repeated or unpacked.
 *
 * @module
 */

import {
  type AgentOptions,
  type Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'

/** A request. */
export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Where sockets come from. There is no default: the agent that a process shares may go through a proxy. */
  readonly agent: HttpAgent
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** The longest body to accept. */
  readonly maxBytes: number
  /** Called with the socket that it goes by. */
  readonly onSocket?: (socket: Socket) => void
}

/** What came back. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** `undefined` where it is not UTF-8. */
  readonly body: string | undefined
}

/** An agent for the protocol of the URL that no other request uses. */
export function agentFor({ protocol }: URL, options: AgentOptions): HttpAgent {
  return protocol === 'https:' ? new SecureAgent(options) : new PlainAgent(options)
}

/** Sends a request. Rejects with what Node.js says, raw, when no answer comes or it breaks off. */
export function exchange({ url, body, maxBytes, onSocket, ...asked }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? secureRequest : plainRequest
    let isAnswered = false
    const sent = request(url, asked, (response) => {
      isAnswered = true
      collect(response, maxBytes, resolve, reject)
    })
    sent.on('error', reject)
    if (onSocket !== undefined) sent.on('socket', onSocket)
    // As after an answer that would change the protocol. One that is read until the connection closes ends after that.
    sent.on('close', () => {
      if (!isAnswered) reject(new NoAnswer('the connection was closed'))
    })
    sent.end(body)
  })
}

function collect(
  response: IncomingMessage,
  maxBytes: number,
  resolve: (answered: Answered) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  response.on('error', reject)
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes <= maxBytes) chunks.push(chunk)
    else response.destroy(new NoAnswer('the answer is too long'))
  })
  response.on('end', () => {
    const { statusCode = 0, headers } = response
    resolve({ status: statusCode, headers, body: textOf(Buffer.concat(chunks)) })
  })
  response.on('close', () => {
    reject(new NoAnswer('the answer has no end'))
  })
}

/** `undefined` for what is not UTF-8: what stood in place of its bytes would be taken for the value. */
function textOf(body: Buffer): string | undefined {
  // An import would load all that the module has.
  return process.getBuiltinModule('node:buffer').isUtf8(body) ? body.toString() : undefined
}

/** What came back cannot be an answer. */
class NoAnswer extends Error {
  /** As for any other answer that cannot be read to its end. */
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE'
}
