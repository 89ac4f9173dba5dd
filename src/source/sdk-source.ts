/**
 * What the built-in sources have in common, whatever carries their requests: a client per region, one request for
 * one reference or for several, and the region that was asked beside a failure.
 *
 * @module
 */

import { type Reference, wireId } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'
import { type BatchPage, type BatchReading, resultIn } from './batch-answer.js'
import { Renewals } from './credentials.js'
import { type RegionalClient, type SdkClient, SdkClients, type SdkSourceOptions } from './sdk-client.js'
import { sendOnce } from './single-attempt.js'
import type { LoadContext, LoadError, LoadResult, Source } from './source.js'
import type { ServiceRequest, Transport } from './transport.js'

/** The API operation for one reference. */
interface SingleCall<Asked extends Reference, Request> {
  readonly request: (reference: Asked) => Request
  /** Reads an answer, which may be anything. */
  readonly read: (reference: Asked, region: string | undefined, answer: unknown) => StoredValue
}

/** The API operation for several references. */
interface BatchCall<Asked extends Reference, Request> extends Omit<BatchReading<Asked>, 'read'> {
  /** The most ids that it takes. */
  readonly maxBatch: number
  /** Whether it can give what the reference selects. */
  readonly isBatchable: (reference: Asked) => boolean
  readonly request: (ids: readonly string[], nextToken: string | undefined) => Request
  /** Reads an answer, which may be anything. */
  readonly pageOf: (answer: unknown, ids: readonly string[]) => BatchPage
}

/** An API operation whose answer is no stored value. */
interface WholeCall<Answer, Request> {
  readonly request: Request
  /** Reads an answer, which may be anything. */
  readonly read: (answer: unknown, region: string | undefined) => Answer
}

/** What differs from service to service. */
export interface SdkService<Asked extends Reference, Request extends ServiceRequest> {
  readonly service: Asked['service']
  /** Tells the service's own references. */
  readonly isAsked: (reference: Reference) => reference is Asked
  /** Makes clients and commands. */
  readonly transport: Transport<Request>
  readonly single: SingleCall<Asked, Request>
  readonly batch: BatchCall<Asked, Request>
}

/** References that one request can answer. */
interface Batch<Asked extends Reference> {
  readonly regional: RegionalClient
  readonly references: Asked[]
  /** Ids to send, each once, by the key of their references. */
  readonly ids: Map<string, string>
}

/** A source that reads one service through a client of the AWS SDK, or one that takes its place. */
export class SdkSource<Asked extends Reference, Request extends ServiceRequest> implements Source {
  /** The service whose references it loads. */
  readonly service: Asked['service']
  /** How many references one request may ask for. */
  readonly maxBatch: number
  /** It tells of each request. */
  readonly isCounting = true
  readonly #sdk: SdkService<Asked, Request>
  readonly #clients: SdkClients
  readonly #renewals = new Renewals()

  /** @internal */
  constructor(sdk: SdkService<Asked, Request>, { client, region }: SdkSourceOptions) {
    this.service = sdk.service
    this.maxBatch = sdk.batch.maxBatch
    this.#sdk = sdk
    this.#clients = new SdkClients({ client, region, create: sdk.transport.create })
  }

  /** Whether one request can ask for the reference together with others. */
  isBatchable(reference: Reference): boolean {
    return this.#sdk.isAsked(reference) && this.#sdk.batch.isBatchable(reference)
  }

  /**
   * Loads one reference with a request of its own, and several with one request for all. What cannot share one,
   * because of its selector, its region or its number, gets another.
   *
   * Rejects with the raw error when a request for several fails as a whole.
   */
  async load(references: readonly Reference[], context: LoadContext): Promise<readonly LoadResult[]> {
    const { batches, alone } = await this.#plan(references)
    const loaded = await Promise.all([
      ...batches.map((batch) => this.#loadBatch(batch, context)),
      ...alone.map((reference) => this.#loadAlone(reference, context)),
    ])
    const results = new Map(loaded.flat())
    return references.map((reference) => results.get(reference) ?? { isUnanswered: true })
  }

  /** Closes the sockets of clients that were made here. */
  close(): void {
    this.#clients.close()
  }

  /** Sends a request that the service answers as a whole, and reads the answer. @internal */
  protected async ask<Answer extends object>(
    reference: Asked,
    { request, read }: WholeCall<Answer, Request>,
    context: LoadContext,
  ): Promise<Answer | LoadError> {
    const { client, region } = await this.#clients.for(reference)
    context.signal.throwIfAborted()
    try {
      return read(await this.#send(client, request, context), region)
    } catch (error) {
      return { error, region }
    }
  }

  async #plan(references: readonly Reference[]) {
    if (references.length < 2) return { batches: [], alone: references }
    const batches: Batch<Asked>[] = []
    const alone: Reference[] = []
    for (const reference of references) {
      // Without a client it is loaded alone, and so gets the failure to itself.
      const regional = this.isBatchable(reference)
        ? await this.#clients.for(reference).catch(() => undefined)
        : undefined
      if (regional !== undefined && this.#sdk.isAsked(reference)) this.#add(batches, regional, reference)
      else alone.push(reference)
    }
    const isShared = ({ references: { length } }: Batch<Asked>) => length > 1
    const lone = batches.filter((batch) => !isShared(batch)).flatMap((batch) => batch.references)
    return { batches: batches.filter(isShared), alone: [...alone, ...lone] }
  }

  #add(batches: Batch<Asked>[], regional: RegionalClient, reference: Asked): void {
    const open = batches.find(
      ({ regional: { client }, ids }) => client === regional.client && ids.size < this.maxBatch,
    )
    const batch = open ?? { regional, references: [], ids: new Map<string, string>() }
    if (open === undefined) batches.push(batch)
    batch.references.push(reference)
    batch.ids.set(reference.key, wireId(reference))
  }

  async #loadAlone(
    reference: Reference,
    context: LoadContext,
  ): Promise<readonly (readonly [Reference, LoadResult])[]> {
    const result = await this.#loadOne(reference, context).catch((error: unknown) => ({ error }))
    return [[reference, result]]
  }

  async #loadOne(reference: Reference, context: LoadContext): Promise<LoadResult> {
    if (!this.#sdk.isAsked(reference)) throw new TypeError(`not a reference of ${this.service}`)
    const { client, region } = await this.#clients.for(reference)
    context.signal.throwIfAborted()
    const { request, read } = this.#sdk.single
    try {
      const answer = await this.#send(client, request(reference), context)
      return { value: read(reference, region, answer) }
    } catch (error) {
      return { error, region }
    }
  }

  async #loadBatch(
    { regional: { client, region }, references, ids }: Batch<Asked>,
    context: LoadContext,
  ): Promise<readonly (readonly [Reference, LoadResult])[]> {
    const pages = await this.#ask(client, [...ids.values()], context)
    const { single, batch } = this.#sdk
    return references.map((reference) => {
      const id = ids.get(reference.key) ?? wireId(reference)
      return [reference, resultIn(pages, { reference, id, region }, { ...batch, read: single.read })]
    })
  }

  /** Asks for several ids, page by page: at most one for each id, and none with a token that was used before. */
  async #ask(client: SdkClient, ids: readonly string[], context: LoadContext): Promise<readonly BatchPage[]> {
    const { request, pageOf } = this.#sdk.batch
    const pages: BatchPage[] = []
    const used = new Set<string | undefined>()
    let token: string | undefined
    do {
      used.add(token)
      const answer = await this.#send(client, request(ids, token), context)
      const page = pageOf(answer, ids)
      pages.push(page)
      token = page.nextToken
    } while (!used.has(token) && pages.length < ids.length)
    return pages
  }

  async #send(client: SdkClient, request: Request, context: LoadContext): Promise<unknown> {
    const command = await this.#sdk.transport.command(client, request)
    const send = () => sendOnce(client, command, request.operation, context)
    return this.#renewals.around(client, context.signal, send)
  }
}
