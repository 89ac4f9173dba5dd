/** The faults themselves. Whatever text one sends of its own holds the needle, where a body can hold a secret. */

import { NEEDLE } from '../needle.js'
import type { BadCertificate, DialError, Exchange, Fault, ResponseParts } from './fault.js'
import { textIn, textsIn } from './request.js'
import { type VaultValue, type Wire, versionIdOf } from './vault.js'

const atRequest = (answer: (exchange: Exchange) => void): Fault => ({ at: 'request', answer })

/** A connection that does not come about. */
export const undialled = (code: DialError): Fault => ({ at: 'dial', code })

/** No credentials: the provider fails, or never answers. */
export const uncredentialled = (outcome: 'error' | 'never'): Fault => ({ at: 'credentials', outcome })

/** A certificate that the client must refuse; needs a server with TLS. */
export const badCertificate = (certificate: BadCertificate): Fault => ({ at: 'connection', certificate })

/** A server without TLS where TLS is expected; needs a server with TLS. */
export const plainPort: Fault = {
  at: 'connection',
  accept(socket) {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'))
  },
}

/** Accepts the connection, reads all and says nothing, not even of TLS. */
export const deafPort: Fault = { at: 'connection', accept: (socket) => void socket.resume() }

export const resetAfterRequest = atRequest(({ reset }) => {
  reset()
})

export const finWithoutResponse = atRequest(({ socket }) => {
  socket.end()
})

/** Half the body of a good answer, then a reset. */
export const resetMidBody = atRequest((exchange) => {
  const { socket, reset } = exchange
  // A reset throws away what the client has not read yet, so the client, which shares the event loop, gets turns to read.
  socket.write(halfOf(exchange), () => {
    afterTurns(5, reset)
  })
})

/** Half the body of a good answer, then the end. */
export const truncatedBody = atRequest((exchange) => {
  exchange.socket.end(halfOf(exchange))
})

/** A good answer that promises more bytes than it has, then silence. */
export const longerContentLength = atRequest(({ respond, healthy }) => {
  const body = JSON.stringify(healthy)
  respond({ headers: { 'content-length': String(Buffer.byteLength(body) + 100) }, body })
})

/** A good answer whose body comes as `server.drip()` lets it, byte by byte. */
export const slowDrip = atRequest(({ socket, bytesOf, healthy, drip }) => {
  const { head, body } = bytesOf({ body: JSON.stringify(healthy) })
  socket.write(head)
  drip(body)
})

export const stallAfterHeaders = atRequest(({ socket, bytesOf, healthy }) => {
  socket.write(bytesOf({ body: JSON.stringify(healthy) }).head)
})

export const neverAnswers = atRequest(() => undefined)

/** Bytes that are no HTTP. */
export const junkBytes = atRequest(({ socket }) => {
  socket.end(Buffer.concat([Buffer.of(0x00, 0xff, 0x16, 0x03), Buffer.from(NEEDLE)]))
})

/** A fixed response to every request. */
export const response = (parts: ResponseParts): Fault =>
  atRequest(({ respond }) => {
    respond(parts)
  })

const HTML = `<!doctype html><title>Sign in</title><p>${NEEDLE}</p>`

/** A page, as a captive portal or a proxy sends it. */
export const html = (status = 200): Fault =>
  response({ status, headers: { 'content-type': 'text/html' }, body: HTML })

/** To another path of this server, where `server.strays` counts who follows. */
export const redirect: Fault = response({ status: 302, headers: { location: '/elsewhere' }, body: HTML })

/** Says gzip, and is none. */
export const gzipGarbage: Fault = response({ headers: { 'content-encoding': 'gzip' }, body: NEEDLE })

/** A good answer whose text has been changed. */
export const rewritten = (rewrite: (json: string) => string): Fault =>
  atRequest(({ respond, healthy }) => {
    respond({ body: rewrite(JSON.stringify(healthy)) })
  })

/** A good answer with other members in each secret and each parameter; `undefined` takes one out. */
export const withMembers = (members: { readonly secret?: Wire; readonly parameter?: Wire }): Fault =>
  atRequest(({ respond, healthy }) => {
    respond({ body: JSON.stringify(changed(healthy, members.secret ?? {}, members.parameter ?? {})) })
  })

/** A good answer with a new version in each secret and each parameter: that of somebody who stored the wrong thing. */
export const withValue = (value: VaultValue): Fault => {
  const base64 = Buffer.from(value).toString('base64')
  const payload =
    typeof value === 'string' ? { SecretString: value } : { SecretString: undefined, SecretBinary: base64 }
  return withMembers({
    secret: { VersionId: versionIdOf(NEW_VERSION), ...payload },
    parameter: { Version: NEW_VERSION, Value: typeof value === 'string' ? value : base64 },
  })
}

/** Newer than what any test puts. */
const NEW_VERSION = 99

/** What a refusal has besides its code. */
interface RefusalParts {
  readonly message?: string
  /** By default 400. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the body. */
  readonly members?: Wire
}

/** AWS's refusal of the whole request, whatever it asks for. */
export const refusal = (code: string, parts: RefusalParts = {}): Fault =>
  atRequest((exchange) => {
    refuse(exchange, code, parts)
  })

/**
 * The refusal of signatures by a service whose clock is years behind, and an hour further with every answer: the SDK
 * does not blame the clocks once it finds the same difference between them twice, which within a millisecond it may.
 */
export const refusalByClock = (message: string): Fault => {
  let now = Date.UTC(2020, 0)
  return atRequest((exchange) => {
    now += 3_600_000
    refuse(exchange, 'InvalidSignatureException', { message, headers: { date: new Date(now).toUTCString() } })
  })
}

export const throttling = (headers: Readonly<Record<string, string>> = {}): Fault =>
  refusal('ThrottlingException', { message: 'Rate exceeded', headers })

/** How an item is refused by either service; without `ssm` Parameter Store has no such refusal. */
export interface ItemRefusal {
  readonly secretsManager: string
  readonly ssm?: string
  readonly message?: string
  /** By default 400. */
  readonly status?: number
  /** Which secrets and parameters, by the id that was asked for; by default all. */
  readonly isHit?: (id: string) => boolean
}

/**
 * A refusal of single items: inside a batch of secrets an item error, in a batch of parameters an invalid name if the
 * code is `ParameterNotFound` and else the refusal of the whole batch, as AWS does it.
 */
export const itemRefused = (item: ItemRefusal): Fault => {
  const isHit = item.isHit ?? (() => true)
  const message = item.message ?? item.secretsManager
  const status = item.status ?? 400
  return atRequest((exchange) => {
    const { respond, healthy, request } = exchange
    const { operation, input } = request
    if (operation === 'BatchGetSecretValue') {
      const hit = textsIn(input, 'SecretIdList').filter(isHit)
      respond({
        body: JSON.stringify(strike(healthy, hit, { ErrorCode: item.secretsManager, Message: message })),
      })
      return
    }
    const names = [textIn(input, 'SecretId'), textIn(input, 'Name'), ...textsIn(input, 'Names')]
    const hit = names.filter((name) => name !== undefined && isHit(name))
    const code = operation.includes('Parameter') ? (item.ssm ?? item.secretsManager) : item.secretsManager
    if (hit.length === 0) respond({ body: JSON.stringify(healthy) })
    else if (operation === 'GetParameters' && code === 'ParameterNotFound')
      respond({ body: JSON.stringify(without(healthy, hit)) })
    else refuse(exchange, code, { message, status })
  })
}

/** A refusal of the batch operations; single reads go through. */
export const batchDenied: Fault = atRequest((exchange) => {
  const { operation } = exchange.request
  const isBatch = operation === 'BatchGetSecretValue' || operation === 'GetParameters'
  if (isBatch) refuse(exchange, 'AccessDeniedException', { message: deniedText(operation) })
  else exchange.respond({ body: JSON.stringify(exchange.healthy) })
})

/** AWS's own text of a denial, without the names that it quotes. */
export function deniedText(operation: string): string {
  const user = 'arn:aws:sts::123456789012:assumed-role/app/session'
  return `User: ${user} is not authorized to perform: ${operation} because no identity-based policy allows it`
}

function refuse(
  { respond }: Exchange,
  code: string,
  { message = '', status = 400, headers = {}, members = {} }: RefusalParts,
): void {
  respond({ status, headers, body: JSON.stringify({ __type: code, Message: message, ...members }) })
}

function afterTurns(turns: number, act: () => void): void {
  setImmediate(() => {
    if (turns > 1) afterTurns(turns - 1, act)
    else act()
  })
}

function halfOf({ bytesOf, healthy }: Exchange): Buffer {
  const { head, body } = bytesOf({ body: JSON.stringify(healthy) })
  return Buffer.concat([head, body.subarray(0, body.length / 2)])
}

function changed(healthy: Wire, secret: Wire, parameter: Wire): Wire {
  const { SecretValues, Parameter, Parameters } = healthy
  if (SecretValues !== undefined)
    return { ...healthy, SecretValues: wiresIn(SecretValues).map((one) => ({ ...one, ...secret })) }
  if (Parameters !== undefined)
    return { ...healthy, Parameters: wiresIn(Parameters).map((one) => ({ ...one, ...parameter })) }
  if (Parameter !== undefined) return { ...healthy, Parameter: { ...wireOf(Parameter), ...parameter } }
  return { ...healthy, ...secret }
}

function strike(healthy: Wire, hit: readonly string[], error: Wire): Wire {
  const left = wiresIn(healthy['SecretValues']).filter(({ ARN, Name }) => !isAmong(hit, ARN, Name))
  return { SecretValues: left, Errors: hit.map((SecretId) => ({ SecretId, ...error })) }
}

function without(healthy: Wire, hit: readonly unknown[]): Wire {
  const left = wiresIn(healthy['Parameters']).filter(({ ARN, Name }) => !isAmong(hit, ARN, Name))
  return { Parameters: left, InvalidParameters: hit }
}

function isAmong(ids: readonly unknown[], ...names: readonly unknown[]): boolean {
  return names.some((name) => ids.includes(name))
}

function wireOf(value: unknown): Wire {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function wiresIn(value: unknown): readonly Wire[] {
  return Array.isArray(value) ? value.map(wireOf) : []
}
