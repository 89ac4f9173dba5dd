/**
 * What the built-in sources have in common: a client per region, one request for each reference, and the
 * region that was asked beside a failure.
 *
 * @module
 */

import type { Reference } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'
import { type SdkClient, SdkClients, type SdkSourceOptions } from './sdk-client.js'
import { type LoadContext, type LoadResult, type Source, loadEach } from './source.js'

/** What differs from service to service. */
export interface SdkService<Asked extends Reference> {
  readonly service: Asked['service']
  /** Tells the service's own references. */
  readonly isAsked: (reference: Reference) => reference is Asked
  /** Makes a client. */
  readonly create: (region: string | undefined) => Promise<SdkClient>
  /** Makes one request. */
  readonly ask: (client: SdkClient, reference: Asked, signal: AbortSignal) => Promise<unknown>
  /** Reads an answer, which may be anything. */
  readonly read: (reference: Asked, region: string | undefined, answer: unknown) => StoredValue
}

/** A source that reads one service with its SDK client. */
export class SdkSource<Asked extends Reference> implements Source {
  /** The service whose references it loads. */
  readonly service: Asked['service']
  /** One reference, one request. */
  readonly maxBatch = 1
  readonly #sdk: SdkService<Asked>
  readonly #clients: SdkClients

  /** @internal */
  constructor(sdk: SdkService<Asked>, { client, region }: SdkSourceOptions) {
    this.service = sdk.service
    this.#sdk = sdk
    this.#clients = new SdkClients({ client, region, create: sdk.create })
  }

  /** Loads each reference with a request of its own. */
  load(references: readonly Reference[], context: LoadContext): Promise<readonly LoadResult[]> {
    return loadEach(references, (reference) => this.#loadOne(reference, context))
  }

  /** Closes the sockets of clients that were made here. */
  close(): void {
    this.#clients.close()
  }

  async #loadOne(reference: Reference, { signal }: LoadContext): Promise<LoadResult> {
    if (!this.#sdk.isAsked(reference)) throw new TypeError(`not a reference of ${this.service}`)
    const { client, region } = await this.#clients.for(reference)
    signal.throwIfAborted()
    try {
      return { value: this.#sdk.read(reference, region, await this.#sdk.ask(client, reference, signal)) }
    } catch (error) {
      return { error, region }
    }
  }
}
