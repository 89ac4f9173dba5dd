/**
 * A raw TCP server, healthy or with any fault of the catalogue, for the real SDK to talk to. It speaks just enough
 * HTTP/1.1 and AWS JSON 1.1 to answer four reads, knows no time, and sends nothing that a fault does not tell it to.
 */

import { randomUUID } from 'node:crypto'
import { type Server, type Socket, createServer } from 'node:net'
import { type SecureContext, TLSSocket, createSecureContext } from 'node:tls'
import { selfSigned } from './fault-server/certificate.js'
import { DiallingAgent, DiallingTlsAgent } from './fault-server/dialler.js'
import type { BadCertificate, DialError, Exchange, Fault, ResponseParts } from './fault-server/fault.js'
import { type FaultRequest, RequestReader } from './fault-server/request.js'
import { Vault, type VaultValue } from './fault-server/vault.js'

export interface FaultServerOptions {
  /** By name; a name that is left out has JSON with the needle in the field `password`. */
  readonly values?: Readonly<Record<string, VaultValue>>
  /** Whether the endpoint is `https:`; the agent in `clientConfig` trusts the server. */
  readonly tls?: boolean
}

/** What an SDK client needs in order to talk to the server, its faults at `credentials` and `dial` included. */
interface FaultClientConfig {
  readonly endpoint: string
  readonly region: string
  /** Asked before each request, because what it gives is always about to expire. */
  readonly credentials: () => Promise<{
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly expiration: Date
  }>
  readonly requestHandler: { readonly httpAgent: DiallingAgent } | { readonly httpsAgent: DiallingTlsAgent }
}

const HOST = '127.0.0.1'
const REGION = 'eu-west-1'

/** Starts a server on a free port of the loopback, healthy. */
export async function startFaultServer({
  values = {},
  tls = false,
}: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(new Vault(REGION, values), tls ? new Handshakes() : undefined)
  await server.listen()
  return server
}

/** Ends the wait for credentials. */
interface PromiseSettlers {
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

interface Waiter {
  readonly isDue: () => boolean
  readonly resolve: () => void
}

/** The server as a test sees it. */
export class FaultServer {
  readonly region = REGION
  readonly #vault: Vault
  readonly #handshakes: Handshakes | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #agents = new Set<{ destroy(): void }>()
  readonly #counts = new Map<string, number>()
  readonly #waiters = new Set<Waiter>()
  readonly #pendingProviders = new Set<PromiseSettlers>()
  readonly #queue: Fault[] = []
  readonly #drips = new Map<Socket, Buffer>()
  #fault: Fault | undefined
  #hits = 0
  #strays = 0

  /** @internal */
  constructor(vault: Vault, handshakes: Handshakes | undefined) {
    this.#vault = vault
    this.#handshakes = handshakes
    this.#server = createServer((socket) => {
      this.#accept(socket)
    })
  }

  /** For example `http://127.0.0.1:49152`. */
  get url(): string {
    const address = this.#server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return `${this.#handshakes === undefined ? 'http' : 'https'}://${HOST}:${port}`
  }

  /** A new object each time, with an agent of its own. */
  get clientConfig(): FaultClientConfig {
    const requestHandler = this.#requestHandler(() => {
      const fault = this.#take('dial')
      return fault?.at === 'dial' ? fault.code : undefined
    })
    return { endpoint: this.url, region: REGION, credentials: () => this.#credentials(), requestHandler }
  }

  /** How often a fault has acted, wherever it acts: the attempts that met one. */
  get hits(): number {
    return this.#hits
  }

  /** Requests to another path than that of the API: somebody followed a redirect. */
  get strays(): number {
    return this.#strays
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size
  }

  /** Requests of the API that arrived whole, of one operation or in all. */
  count(operation?: string): number {
    if (operation !== undefined) return this.#counts.get(operation) ?? 0
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Sets all counts to 0. */
  clear(): void {
    this.#counts.clear()
    this.#hits = 0
    this.#strays = 0
  }

  /**
   * From now on; without a fault it is healthy, and credentials come that were waited for. Forgets what was queued.
   */
  set(fault?: Fault): void {
    this.#queue.length = 0
    this.#fault = fault
    if (fault !== undefined) return
    for (const { resolve } of this.#pendingProviders) resolve()
    this.#pendingProviders.clear()
  }

  /** Once, or a number of times, before what is set. Queued faults act in order. */
  next(fault: Fault, times = 1): void {
    for (let left = times; left > 0; left -= 1) this.#queue.push(fault)
  }

  /** Gives a secret or a parameter a new version. */
  put(name: string, value: VaultValue): void {
    this.#vault.put(name, value)
  }

  /** The value under a name. */
  value(name: string): VaultValue {
    return this.#vault.value(name)
  }

  /** Resolves once so many requests have arrived since the last `clear`, of one operation or in all. */
  received(count: number, operation?: string): Promise<void> {
    return this.#until(() => this.count(operation) >= count)
  }

  /** Resolves once a fault has acted so often since the last `clear`. */
  struck(hits: number): Promise<void> {
    return this.#until(() => this.#hits >= hits)
  }

  /** Resolves once no connection is open. */
  idle(): Promise<void> {
    return this.#until(() => this.#sockets.size === 0)
  }

  /** Sends the next bytes of every answer that drips; tells how many answers are not complete yet. */
  drip(bytes = 1): number {
    for (const [socket, rest] of this.#drips) {
      socket.write(rest.subarray(0, bytes))
      if (rest.length > bytes) this.#drips.set(socket, rest.subarray(bytes))
      else this.#drips.delete(socket)
    }
    return this.#drips.size
  }

  /** @internal */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, HOST, resolve)
    })
  }

  /** Stops listening and destroys every connection. What waits for credentials gets an error. */
  async close(): Promise<void> {
    for (const { reject } of this.#pendingProviders) reject(new Error('the fault server was closed'))
    for (const agent of this.#agents) agent.destroy()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** The fault that acts at this place, if one does; one that acts once is then spent. */
  #take(at: Fault['at']): Fault | undefined {
    const fault = this.#queue[0] ?? this.#fault
    if (fault?.at !== at) return undefined
    this.#queue.shift()
    this.#hits += 1
    // Whoever waits for the fault goes on only after it has acted.
    queueMicrotask(() => {
      this.#wake()
    })
    return fault
  }

  #until(isDue: () => boolean): Promise<void> {
    if (isDue()) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters.add({ isDue, resolve })
    })
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isDue()) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  #requestHandler(dialling: () => DialError | undefined): FaultClientConfig['requestHandler'] {
    if (this.#handshakes === undefined) {
      const httpAgent = new DiallingAgent(dialling)
      this.#agents.add(httpAgent)
      return { httpAgent }
    }
    const httpsAgent = new DiallingTlsAgent(dialling, this.#handshakes.trusted)
    this.#agents.add(httpsAgent)
    return { httpsAgent }
  }

  async #credentials() {
    const fault = this.#take('credentials')
    if (fault?.at === 'credentials') {
      if (fault.outcome === 'error') throw new CredentialsProviderError()
      await new Promise<void>((resolve, reject) => {
        this.#pendingProviders.add({ resolve, reject })
      })
    }
    return { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'dummy', expiration: new Date(0) }
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#wake()
    })
    // A client that leaves in the middle is no failure of the server.
    socket.on('error', () => undefined)
    const fault = this.#take('connection')
    if (fault?.at === 'connection' && 'accept' in fault) {
      fault.accept(socket)
      return
    }
    const certificate = fault?.at === 'connection' ? fault.certificate : undefined
    this.#serve(this.#handshakes?.shake(socket, certificate) ?? socket, socket)
  }

  /** Answers what comes through `socket`, which is the connection itself or TLS inside it. */
  #serve(socket: Socket, connection: Socket): void {
    socket.on('error', () => undefined)
    socket.on('close', () => void this.#drips.delete(socket))
    const reader = new RequestReader()
    socket.on('data', (chunk: Buffer) => {
      for (const request of reader.push(chunk)) this.#answer(socket, connection, request)
    })
  }

  #answer(socket: Socket, connection: Socket, request: FaultRequest): void {
    const healthy = this.#vault.answer(request)
    if (request.path !== '/' || healthy === undefined) {
      this.#strays += 1
      socket.end(Buffer.concat(Object.values(bytesOf({ status: 404 }))))
      return
    }
    this.#counts.set(request.operation, this.count(request.operation) + 1)
    const fault = this.#take('request')
    const exchange = this.#exchange(socket, connection, { request, healthy })
    if (fault?.at === 'request') fault.answer(exchange)
    else exchange.respond({ body: JSON.stringify(healthy) })
    this.#wake()
  }

  #exchange(socket: Socket, connection: Socket, asked: Pick<Exchange, 'request' | 'healthy'>): Exchange {
    return {
      ...asked,
      socket,
      bytesOf,
      respond: (parts) => {
        const { head, body } = bytesOf(parts)
        socket.write(Buffer.concat([head, body]))
      },
      reset: () => void connection.resetAndDestroy(),
      drip: (bytes) => void this.#drips.set(socket, bytes),
    }
  }
}

/** What the SDK's own providers throw. */
class CredentialsProviderError extends Error {
  override readonly name = 'CredentialsProviderError'

  constructor() {
    super('Could not load credentials from any providers')
  }
}

/** TLS for accepted connections, each with a certificate of choice. */
class Handshakes {
  readonly #good: SecureContext
  readonly #bad: Readonly<Record<BadCertificate, SecureContext>>
  /** What the client trusts: all but the untrusted one. */
  readonly trusted: readonly string[]

  constructor() {
    const good = selfSigned({ address: HOST })
    const expired = selfSigned({ address: HOST, isExpired: true })
    const otherAddress = selfSigned({ address: '192.0.2.1' })
    this.trusted = [good.cert, expired.cert, otherAddress.cert]
    this.#good = createSecureContext({ ...good })
    this.#bad = {
      untrusted: createSecureContext({ ...selfSigned({ address: HOST }) }),
      expired: createSecureContext({ ...expired }),
      'other-address': createSecureContext({ ...otherAddress }),
    }
  }

  /** What is inside the connection, once the client accepts the certificate; a good one unless told otherwise. */
  shake(connection: Socket, certificate: BadCertificate | undefined): Socket {
    const secureContext = certificate === undefined ? this.#good : this.#bad[certificate]
    return new TLSSocket(connection, { isServer: true, secureContext })
  }
}

function bytesOf({ status = 200, headers = {}, body = '' }: ResponseParts): { head: Buffer; body: Buffer } {
  const bytes = Buffer.from(body)
  // No Date header: the SDK would correct its clock by it.
  const all = {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': String(bytes.length),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return { head: Buffer.from(`HTTP/1.1 ${status} -\r\n${lines.join('')}\r\n`, 'latin1'), body: bytes }
}
