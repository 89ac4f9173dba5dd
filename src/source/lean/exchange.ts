/**
 * One request over HTTP and the whole of its answer, within a bound. Nothing is followed, repeated or unpacked.
 *
 * @module
 */

import {
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http'
import { request as secureRequest } from 'node:https'

/** A request. */
export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Where sockets come from; Node.js's own where there is none. */
  readonly agent?: Agent | undefined
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** The longest body to accept. */
  readonly maxBytes: number
}

/** What came back. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request. Rejects with what Node.js says, raw, when no answer comes or it breaks off. */
export function exchange({ url, body, maxBytes, ...asked }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? secureRequest : plainRequest
    const sent = request(url, asked, (response) => {
      collect(response, maxBytes, resolve, reject)
    })
    sent.on('error', reject)
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
    else response.destroy(new EndlessAnswer())
  })
  response.on('end', () => {
    const { statusCode = 0, headers } = response
    resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() })
  })
}

/** An answer that is longer than any could be. */
class EndlessAnswer extends Error {
  /** As for any other answer that cannot be read to its end. */
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE'

  constructor() {
    super('the answer is too long')
  }
}
