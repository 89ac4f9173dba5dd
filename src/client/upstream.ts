/**
 * The way from a reference to its stored value: what is wanted in one tick shares calls to the source of its
 * service.
 *
 * @module
 */

import { BatchMemory } from '../batch/batch-memory.js'
import { Batcher } from '../batch/batcher.js'
import type { LoadContext } from '../cache/launcher.js'
import { randomFraction } from '../cache/store.js'
import type { Observer } from '../observe/observer.js'
import type { ResolvedOptions } from '../options/resolve-options.js'
import { SecretsError } from '../errors.js'
import type { ParameterReference, Reference, Service } from '../reference/reference.js'
import { RetryBudget } from '../retry/budget.js'
import { Governor } from '../retry/governor.js'
import { ParameterStoreSource } from '../source/parameter-store.js'
import { SecretsManagerSource } from '../source/secrets-manager.js'
import type { ParameterPage, Source } from '../source/source.js'
import type { StoredValue } from '../stored-value.js'
import { Call, type CallTools } from './call.js'
import { pageOf } from './outcome.js'
import { Wanted } from './wanted.js'

/**
 * Requests to one operation at once: the socket pool of the SDK, in which the timeout of a request that waits would run
 * already.
 */
const MAX_CONCURRENT = 50

/** Loads stored values for one client. */
export class Upstream {
  readonly #sources: Readonly<Record<Service, Source>>
  /** Whether each tells of its requests. */
  readonly #isCounting: Readonly<Record<Service, boolean>>
  readonly #region: string | undefined
  readonly #isBatching: boolean
  readonly #tools: CallTools
  readonly #batcher: Batcher<Wanted>
  /** What was asked for in this tick. */
  readonly #waiting = new Map<string, Wanted>()

  constructor(options: ResolvedOptions, observer: Observer) {
    const { sources, clock, region, secretsManager, ssm } = options
    this.#sources = {
      secretsmanager:
        sources.find(({ service }) => service === 'secretsmanager') ??
        new SecretsManagerSource({ client: secretsManager, region }),
      ssm:
        sources.find(({ service }) => service === 'ssm') ?? new ParameterStoreSource({ client: ssm, region }),
    }
    // Only to tell what may share a call; the SDK itself decides where a call goes.
    this.#region = region ?? process.env['AWS_REGION']
    this.#isBatching = options.isBatching
    this.#tools = {
      ...options,
      observer,
      governor: new Governor({ clock, maxConcurrent: MAX_CONCURRENT }),
      budget: new RetryBudget(),
      memory: new BatchMemory(clock),
      random: randomFraction,
    }
    // Read once: a source may be anybody's, and here is where it may still throw.
    this.#isCounting = {
      secretsmanager: this.#sources.secretsmanager.isCounting === true,
      ssm: this.#sources.ssm.isCounting === true,
    }
    const maxBatch = {
      secretsmanager: this.#sources.secretsmanager.maxBatch,
      ssm: this.#sources.ssm.maxBatch,
    }
    this.#batcher = new Batcher({
      groupOf: ({ reference }) => this.#batchGroupOf(reference),
      maxBatchOf: ({ reference }) => maxBatch[reference.service],
      send: (items) => {
        this.#send(items)
      },
    })
  }

  /**
   * Loads one stored value. Settles by the deadline.
   *
   * @throws SecretsError for every failure; the reason of the signal when that aborts.
   */
  load(reference: Reference, context: LoadContext): Promise<StoredValue> {
    const { key } = reference
    let wanted = this.#waiting.get(key)
    if (wanted === undefined) {
      wanted = new Wanted(reference)
      this.#waiting.set(key, wanted)
      this.#batcher.add(wanted)
    }
    return wanted.join(context)
  }

  /**
   * Loads a page of the parameters below a path. Settles within `timeoutMs`.
   *
   * @throws SecretsError for every failure; the reason of the signal when that aborts.
   */
  async loadPage(
    path: ParameterReference,
    { nextToken, timeoutMs }: { readonly nextToken: string | undefined; readonly timeoutMs: number },
    context: LoadContext,
  ): Promise<ParameterPage> {
    const source = this.#sources.ssm
    if (source.loadPage === undefined) throw treeless(path)
    let page: ParameterPage = { parameters: [] }
    const load: Source['load'] = async (_references, loadContext) => {
      const answer = pageOf(await source.loadPage?.(path, nextToken, loadContext), path)
      if (!('parameters' in answer)) return [answer]
      page = answer
      return [{ value: { text: '' } }]
    }
    const wanted = new Wanted(path)
    const loaded = wanted.join(context)
    const isCounting = this.#isCounting.ssm
    const pages = { service: path.service, maxBatch: 1, load }
    const target = { service: path.service, source: pages, isCounting, group: this.#groupOf(path) }
    void new Call({ ...this.#tools, timeoutMs }, target, [wanted]).run()
    await loaded
    return page
  }

  /** Releases sockets. A source whose `close` throws does not keep the others open. */
  close(): void {
    for (const source of Object.values(this.#sources)) {
      try {
        source.close?.()
      } catch {
        continue
      }
    }
  }

  #send(items: readonly Wanted[]): void {
    for (const { reference } of items) this.#waiting.delete(reference.key)
    const [first] = items
    if (first === undefined || !items.some(({ isOpen }) => isOpen)) return
    const { service } = first.reference
    const source = this.#sources[service]
    const isCounting = this.#isCounting[service]
    const target = { service, source, isCounting, group: this.#groupOf(first.reference) }
    void new Call(this.#tools, target, items).run()
  }

  /** What throttles together: a service in a region. */
  #groupOf({ service, region = this.#region }: Reference): string {
    // With a space, which no name has, so that it is no key either.
    return `${service} in ${region ?? 'the default region'}`
  }

  #batchGroupOf(reference: Reference): string | undefined {
    if (!this.#isBatching) return undefined
    const { memory } = this.#tools
    const group = this.#groupOf(reference)
    try {
      const mayShare = this.#sources[reference.service].isBatchable?.(reference) !== false
      return mayShare && !memory.isSingle(group) && !memory.isSingle(reference.key) ? group : undefined
    } catch {
      // A source or a clock of the user's that throws must not keep the others of its tick from being sent.
      return undefined
    }
  }
}

function treeless({ ref }: ParameterReference): SecretsError {
  return new SecretsError('ERR_REFERENCE_INVALID', {
    ref,
    what: 'the source of Parameter Store that was passed in has no trees',
    hint: 'Give it the method loadPage().',
  })
}
