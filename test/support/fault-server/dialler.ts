/** The client's side of the fault server: agents whose connections a fault can prevent. */

import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { DialError } from './fault.js'

/** Asked at every connection; a code prevents it. */
type Dialling = () => DialError | undefined

// No keep-alive: every request makes a connection, so every fault meets every request.
const OPTIONS = { keepAlive: false } as const

/** Nothing listens there: the port is privileged, and its service is extinct. */
const CLOSED_PORT = 1

type Callback = (error: Error | null, stream: Duplex) => void
type Connect = (options: ClientRequestArgs) => Duplex

/** An agent for plain connections. */
export class DiallingAgent extends HttpAgent {
  readonly #dialling: Dialling

  constructor(dialling: Dialling) {
    super(OPTIONS)
    this.#dialling = dialling
  }

  override createConnection(options: ClientRequestArgs, callback?: Callback): Duplex {
    return dial(this.#dialling(), options, (to) => super.createConnection(to, callback))
  }
}

/** An agent for TLS that trusts the given certificates only. */
export class DiallingTlsAgent extends HttpsAgent {
  readonly #dialling: Dialling

  constructor(dialling: Dialling, ca: readonly string[]) {
    super({ ...OPTIONS, ca: [...ca] })
    this.#dialling = dialling
  }

  override createConnection(options: ClientRequestArgs, callback?: Callback): Duplex {
    return dial(this.#dialling(), options, (to) => super.createConnection(to, callback))
  }
}

function dial(code: DialError | undefined, options: ClientRequestArgs, connect: Connect): Duplex {
  if (code === undefined) return connect(options)
  return code === 'ECONNREFUSED' ? connect({ ...options, port: CLOSED_PORT }) : failingSocket(code)
}

function failingSocket(code: DialError): Socket {
  const syscall = code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'getaddrinfo' : 'connect'
  const error = Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
  const socket = new Socket()
  process.nextTick(() => socket.destroy(error))
  return socket
}
