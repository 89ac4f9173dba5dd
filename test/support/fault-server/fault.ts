/** What a fault is: where on the way of a request it acts, and what it does there. */

import type { Socket } from 'node:net'
import type { FaultRequest } from './request.js'
import type { Wire } from './vault.js'

/** Parts of a response; every one has a default. */
export interface ResponseParts {
  /** By default 200. */
  readonly status?: number
  /** Besides, or instead of, the content type, the content length and the request id. */
  readonly headers?: Readonly<Record<string, string>>
  /** By default empty. */
  readonly body?: string | Buffer
}

/** One request with the means to answer it. */
export interface Exchange {
  readonly request: FaultRequest
  readonly socket: Socket
  /** What AWS would answer. */
  readonly healthy: Wire
  /** Sends a whole response. */
  readonly respond: (parts: ResponseParts) => void
  /** The bytes of a response, split where the body starts. */
  readonly bytesOf: (parts: ResponseParts) => { readonly head: Buffer; readonly body: Buffer }
  /** Cuts the connection with a reset. */
  readonly reset: () => void
  /** Leaves bytes to `server.drip()`. */
  readonly drip: (bytes: Buffer) => void
}

/** Names that the system gives to a connection that does not come about. */
export type DialError = 'ECONNREFUSED' | 'ENOTFOUND' | 'EAI_AGAIN' | 'EHOSTUNREACH' | 'ETIMEDOUT'

/** Certificates that a client has reason to refuse; those of a strange authority, and of another address. */
export type BadCertificate = 'untrusted' | 'expired' | 'other-address'

/**
 * A fault, by where it acts: when credentials are asked for, when the client connects, when the server accepts, or when a
 * request has arrived. Those at `credentials` and `dial` need clients with `server.clientConfig`.
 */
export type Fault =
  | { readonly at: 'credentials'; readonly outcome: 'error' | 'never' }
  | { readonly at: 'dial'; readonly code: DialError }
  | { readonly at: 'connection'; readonly accept: (socket: Socket) => void }
  | { readonly at: 'connection'; readonly certificate: BadCertificate }
  | { readonly at: 'request'; readonly answer: (exchange: Exchange) => void }
