/** The service as the client sees it: requests that stay open until a schedule answers them, in any order. */

import type { Reference as ParsedReference } from '../../src/reference/reference.js'
import type { LoadContext, LoadResult, Source } from '../../src/source/source.js'
import { deferred } from '../support/fake-source.js'
import type { History, Item } from './history.js'
import { type Vault, type Version, nameOf, selectorOf } from './vault.js'

/** How the service answers one reference of a request. */
export type ItemOutcome = 'found' | 'transient' | 'throttled' | 'denied' | 'unanswered'

/** How the service answers a whole request. */
export type RequestOutcome =
  'answered' | 'rejected, transient' | 'rejected, throttled' | 'rejected, denied' | 'miscounted'

/** An answer as a schedule tells it: the outcomes of the items go round and round. */
export interface Answer {
  readonly whole: RequestOutcome
  readonly items: readonly ItemOutcome[]
}

/** A request that waits for its answer. */
class Request {
  readonly items: readonly Item[]
  readonly signal: AbortSignal
  readonly result = deferred<readonly LoadResult[]>()

  constructor(items: readonly Item[], signal: AbortSignal) {
    this.items = items
    this.signal = signal
  }
}

/** A source of one schedule. */
export class Service implements Source {
  readonly service = 'secretsmanager'
  readonly maxBatch: number
  readonly #vault: Vault
  readonly #history: History
  readonly #open: Request[] = []

  constructor(vault: Vault, history: History, maxBatch: number) {
    this.#vault = vault
    this.#history = history
    this.maxBatch = maxBatch
  }

  async load(
    references: readonly ParsedReference[],
    { signal }: LoadContext,
  ): Promise<readonly LoadResult[]> {
    const items = references.map((reference) => this.#history.begin(reference))
    this.#history.requested(items, this.maxBatch)
    const request = new Request(items, signal)
    this.#open.push(request)
    return request.result.promise
  }

  /** One item of an open request looks up the vault now, and is answered later. */
  serve(which: number): void {
    const items = this.#open.flatMap((request) => request.items.filter(({ served }) => served === undefined))
    const item = pick(items, which)
    if (item !== undefined) this.#look(item)
  }

  /** Answers an open request; one that the client has given up is answered in vain. */
  answer(which: number, answer: Answer): void {
    const request = pick(this.#open, which)
    if (request === undefined) return
    this.#open.splice(this.#open.indexOf(request), 1)
    const { items, signal, result } = request
    for (const item of items) item.isLate = signal.aborted
    const rejection = REJECTIONS[answer.whole]
    if (rejection !== undefined) {
      this.#history.answered(items, 'failed', answer.whole === 'rejected, denied')
      result.reject(rejection())
      return
    }
    if (answer.whole === 'miscounted') {
      this.#history.answered(items, 'failed', false)
      result.resolve([])
      return
    }
    const results = items.map((item, position) => {
      const outcome = answer.items[position % answer.items.length] ?? 'found'
      return this.#answerItem(item, outcome, signal)
    })
    result.resolve(results)
  }

  /** Answers whatever is open, and well. */
  answerAll(): void {
    while (this.#open.length > 0) this.answer(0, { whole: 'answered', items: ['found'] })
  }

  /** Requests that are not answered. */
  get open(): number {
    return this.#open.length
  }

  /** Signals that the client gave to requests that are not answered. */
  get signals(): readonly AbortSignal[] {
    return this.#open.map(({ signal }) => signal)
  }

  #answerItem(item: Item, outcome: ItemOutcome, signal: AbortSignal): LoadResult {
    if (outcome === 'unanswered') {
      this.#history.answered([item], 'failed', false)
      return { isUnanswered: true }
    }
    if (outcome !== 'found') {
      this.#history.answered([item], 'failed', outcome === 'denied')
      return { error: ITEM_ERRORS[outcome]() }
    }
    const found = this.#look(item)
    if (found === undefined) {
      this.#history.answered([item], 'failed', true)
      return { error: named('ResourceNotFoundException', 400) }
    }
    this.#history.answered([item], signal.aborted ? 'failed' : 'found', false)
    return { value: storedValue(found, item) }
  }

  #look(item: Item): Version | undefined {
    item.served ??= { version: this.#vault.find(item.reference) }
    return item.served.version
  }
}

/** The payload tells version and selector; the date tells the request, which the client hands through. */
function storedValue(version: Version, { id, reference }: Item) {
  const selector = selectorOf(reference)
  const { secret, arn, n } = version
  return {
    text: JSON.stringify({ secret, n, selector }),
    arn,
    name: nameOf(secret),
    versionId: version.id,
    versionStages: [reference.versionStage ?? 'AWSCURRENT'],
    createdAt: new Date(id),
  }
}

const named = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } })

const transient = () => named('InternalServiceError', 500)
const throttled = () => named('ThrottlingException', 400)
const denied = () => named('AccessDeniedException', 400)

const ITEM_ERRORS = { transient, throttled, denied }
const REJECTIONS: Partial<Record<RequestOutcome, () => Error>> = {
  'rejected, transient': transient,
  'rejected, throttled': throttled,
  'rejected, denied': denied,
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(1, from.length)]
}
