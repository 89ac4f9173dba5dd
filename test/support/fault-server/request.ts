/** Just enough HTTP/1.1 to understand what the SDK sends. */

/** A request that arrived whole. */
export interface FaultRequest {
  /** For example `GetSecretValue`; empty for what is no request of the SDK. */
  readonly operation: string
  /** For example `/`. */
  readonly path: string
  /** Members of the JSON body. */
  readonly input: Readonly<Record<string, unknown>>
}

const END_OF_HEAD = '\r\n\r\n'

/** Cuts the bytes of one connection into requests. */
export class RequestReader {
  #rest = Buffer.alloc(0)

  /** The requests that these bytes complete. */
  push(chunk: Buffer): readonly FaultRequest[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const requests: FaultRequest[] = []
    for (let next = this.#take(); next !== undefined; next = this.#take()) requests.push(next)
    return requests
  }

  #take(): FaultRequest | undefined {
    const endOfHead = this.#rest.indexOf(END_OF_HEAD)
    if (endOfHead < 0) return undefined
    const head = this.#rest.subarray(0, endOfHead).toString('latin1')
    const start = endOfHead + END_OF_HEAD.length
    const end = start + Number(headerIn(head, 'content-length') ?? 0)
    if (this.#rest.length < end) return undefined
    const body = this.#rest.subarray(start, end).toString()
    this.#rest = this.#rest.subarray(end)
    return {
      operation: headerIn(head, 'x-amz-target')?.replace(/^.*\./, '') ?? '',
      path: head.split(' ')[1] ?? '',
      input: inputIn(body),
    }
  }
}

/** The texts of a member that is a list of texts. */
export function textsIn(input: FaultRequest['input'], name: string): readonly string[] {
  const value = input[name]
  return Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : []
}

/** The member if it is a text. */
export function textIn(input: FaultRequest['input'], name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' ? value : undefined
}

function headerIn(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim()
}

function inputIn(body: string): FaultRequest['input'] {
  if (body === '') return {}
  const value: unknown = JSON.parse(body)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
