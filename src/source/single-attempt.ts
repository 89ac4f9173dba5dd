/**
 * Sends a command once, whatever the client makes of failures: repeating has one owner, and it is not the SDK.
 *
 * @module
 */

import { ONCE } from '../abortable.js'
import { memberOf } from '../stored-value.js'
import { type Fields, isFields } from './answer.js'
import { isUnsent } from './credentials.js'
import type { SdkClient } from './sdk-client.js'
import type { LoadContext } from './source.js'

/** What stands around the next handler of an SDK command; the arguments and the result stay what they are. */
export type Middleware = <Args, Result>(next: (args: Args) => Result) => (args: Args) => Result

type Add<Place> = (middleware: Middleware, place: Place) => void

/** A command of the SDK: an object with handlers of its own on the way to the wire. */
export interface SdkCommand {
  readonly middlewareStack: { readonly add: Add<typeof RETRY> & Add<typeof WIRE> }
}

/** Under this name and at this place an SDK client repeats; the name is taken over for one command only. */
const RETRY = { name: 'retryMiddleware', step: 'finalizeRequest', priority: 'high', override: true } as const

/** Right before the wire, behind everything that may fail without a request. */
const WIRE = { name: 'secretsClientRequest', step: 'deserialize', priority: 'low', override: true } as const

/** More repeats than any client makes: what counts them may be anything. */
const MAX_COUNTED = 100

/**
 * The answer to one request. `onRequest` is called as it goes to the wire; for a client that runs no handlers,
 * such as a test double, as soon as it is known that there was a request: when it settles, or is aborted.
 *
 * Rejects with what the client threw, raw.
 */
export async function sendOnce(
  client: SdkClient,
  command: SdkCommand,
  operation: string,
  { signal, onRequest }: LoadContext,
): Promise<unknown> {
  signal.throwIfAborted()
  const requests = new RequestCount(command, () => onRequest?.(operation))
  const onAbort = () => {
    requests.settled(1)
  }
  signal.addEventListener('abort', onAbort, ONCE)
  try {
    const answer: unknown = await client.send(command, { abortSignal: signal })
    requests.settled(1, answer)
    return answer
  } catch (error) {
    requests.settled(isUnsent(error) ? 0 : 1, error)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** The requests of one command, each reported once. */
class RequestCount {
  readonly #report: () => void
  #count = 0
  #isSeen = false

  constructor({ middlewareStack }: SdkCommand, report: () => void) {
    this.#report = report
    middlewareStack.add((next) => next, RETRY)
    middlewareStack.add((next) => {
      this.#isSeen = true
      return (args) => {
        this.#atLeast(this.#count + 1)
        return next(args)
      }
    }, WIRE)
  }

  /**
   * Reports what was not seen on its way.
   *
   * @param unseen - requests to assume of a client that runs no handlers
   */
  settled(unseen: number, outcome?: unknown): void {
    this.#atLeast(Math.max(this.#isSeen ? 0 : unseen, attemptsIn(outcome)))
  }

  #atLeast(count: number): void {
    while (this.#count < Math.min(count, MAX_COUNTED)) {
      this.#count += 1
      this.#report()
    }
  }
}

/** How many requests an answer or an error says that it took; 0 where it does not say. */
function attemptsIn(outcome: unknown): number {
  try {
    const metadata: unknown = isFields(outcome) ? memberOf(outcome, '$metadata') : undefined
    const attempts = isFields(metadata) ? attemptsOf(metadata) : undefined
    return attempts ?? 0
  } catch {
    // A getter or a proxy threw while it was looked at.
    return 0
  }
}

function attemptsOf(metadata: Fields): number | undefined {
  const attempts = memberOf(metadata, 'attempts')
  return typeof attempts === 'number' && Number.isSafeInteger(attempts) ? attempts : undefined
}
