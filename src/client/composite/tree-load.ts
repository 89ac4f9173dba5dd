/**
 * Loads all parameters below a path, page by page, as one value.
 *
 * @module
 */

import type { LoadContext } from '../../cache/launcher.js'
import type { Clock } from '../../clock.js'
import { type Leaf, treeTextOf } from '../../decode/tree.js'
import { SecretsError, errorWith, isSecretsError } from '../../errors.js'
import { canonicalParameterName } from '../../reference/name.js'
import type { ParameterReference } from '../../reference/reference.js'
import type { ParameterPage, TreeParameter } from '../../source/source.js'
import { type StoredValue, bare } from '../../stored-value.js'
import { requestContext } from './request-context.js'

/** What a tree is loaded with. */
export interface TreeTools {
  readonly clock: Clock
  /** Milliseconds for all pages together. */
  readonly timeoutMs: number
  /** Loads a page, and settles within `timeoutMs`. */
  readonly loadPage: (
    path: ParameterReference,
    page: { readonly nextToken: string | undefined; readonly timeoutMs: number },
    context: LoadContext,
  ) => Promise<ParameterPage>
}

/**
 * The parameters below a path, as the text that {@link treeTextOf} makes of them.
 *
 * @throws SecretsError as for any value; `ERR_NOT_FOUND` where there is none: the service does not tell a path
 * without parameters from one that is misspelt.
 */
export async function loadTree(
  path: ParameterReference,
  tools: TreeTools,
  context: LoadContext,
): Promise<StoredValue> {
  const found = await new Walk(path, tools, context).all()
  const root = path.name ?? ''
  const text = treeTextOf(Array.from(found, (parameter) => leafOf(parameter, root)))
  return bare({ name: root, text })
}

function leafOf({ name, text, isList, version }: TreeParameter, root: string): Leaf {
  const path = canonicalParameterName(name).slice(root.length)
  return bare({ path, text, isList, ...(version !== undefined && { version }) })
}

/** The most levels that the name of a parameter has (PutParameter). */
const MAX_LEVELS = 15

/** Whether the name begins with the path, and can be that of a parameter. */
function isBelow(name: string, { name: root = '' }: ParameterReference): boolean {
  const whole = canonicalParameterName(name)
  const levels = whole.split('/').slice(1)
  return whole.startsWith(root) && !levels.includes('') && levels.length <= MAX_LEVELS
}

/** The way through the pages of one path. */
class Walk {
  readonly #path: ParameterReference
  readonly #tools: TreeTools
  readonly #context: LoadContext
  readonly #startedAt: number
  /** Requests so far, repeated ones included. */
  #attempts = 0

  constructor(path: ParameterReference, tools: TreeTools, context: LoadContext) {
    this.#path = path
    this.#tools = tools
    this.#context = context
    this.#startedAt = tools.clock.monotonic()
  }

  /** The parameters on all pages, one at least. Its failures count the requests for all pages. */
  async all(): Promise<Iterable<TreeParameter>> {
    try {
      const found = await this.#pages(true)
      if (found.size === 0) throw empty(this.#path)
      return found.values()
    } catch (error) {
      if (!isSecretsError(error)) throw error
      const attempts = Math.max(error.attempts, this.#attempts)
      throw errorWith(error, { ref: error.ref ?? '', attempts })
    }
  }

  /** @param mayRestart - whether to begin again where the service does not know a token any more */
  async #pages(mayRestart: boolean): Promise<ReadonlyMap<string, TreeParameter>> {
    const found = new Map<string, TreeParameter>()
    const used = new Set<string>()
    let nextToken: string | undefined
    do {
      try {
        const page = await this.#page(nextToken)
        for (const parameter of page.parameters) keepNewest(found, parameter)
        nextToken = page.nextToken === '' ? undefined : page.nextToken
      } catch (error) {
        const isFirst = nextToken === undefined
        if (!mayRestart || isFirst || !isSecretsError(error, 'ERR_REQUEST_REFUSED')) throw error
        return this.#pages(false)
      }
      if (nextToken !== undefined && used.has(nextToken)) throw endless(this.#path)
      if (nextToken !== undefined) used.add(nextToken)
    } while (nextToken !== undefined)
    return found
  }

  async #page(nextToken: string | undefined): Promise<ParameterPage> {
    const { timeoutMs, loadPage } = this.#tools
    // A source that answers out of memory could lead on for ever, too fast for any timer.
    if (this.#remainingMs() <= 0) throw tooLate(this.#path, timeoutMs)
    const { signal } = this.#context
    const isFirst = nextToken === undefined
    const onAttempt = () => (this.#attempts += 1)
    const context = requestContext(this.#context, { signal, isFirst, onAttempt })
    try {
      const page = await loadPage(this.#path, { nextToken, timeoutMs: this.#remainingMs() }, context)
      if (!page.parameters.every(({ name }) => isBelow(name, this.#path))) throw foreign(this.#path)
      return page
    } catch (error) {
      const isLate = isSecretsError(error, 'ERR_TIMEOUT') && this.#remainingMs() <= 0
      throw isLate ? tooLate(this.#path, timeoutMs) : error
    }
  }

  #remainingMs(): number {
    const { clock, timeoutMs } = this.#tools
    return timeoutMs - (clock.monotonic() - this.#startedAt)
  }
}

/** A parameter that changes between two pages may be on both. */
function keepNewest(found: Map<string, TreeParameter>, parameter: TreeParameter): void {
  const known = found.get(parameter.name)
  if ((known?.version ?? 0) <= (parameter.version ?? 0)) found.set(parameter.name, parameter)
}

function empty({ ref }: ParameterReference): SecretsError {
  return new SecretsError('ERR_NOT_FOUND', {
    ref,
    what: 'there is no parameter below the path',
    hint: 'Check the path, the account and the region; where it may be empty, pass { default: {} }.',
    attempts: 1,
  })
}

function endless({ ref }: ParameterReference): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    ref,
    what: 'the answer of the service is malformed: a page leads back to one before it',
    hint: 'Try again; if it stays, look for a proxy or a test double between this process and AWS.',
    attempts: 1,
  })
}

function foreign({ ref }: ParameterReference): SecretsError {
  return new SecretsError('ERR_RESPONSE_MISMATCH', {
    ref,
    what: 'a parameter of the answer is not below the path',
    hint: 'It was thrown away. Correct the source that was passed as `sources`.',
    attempts: 1,
  })
}

function tooLate({ ref }: ParameterReference, timeoutMs: number): SecretsError {
  return new SecretsError('ERR_TIMEOUT', {
    ref,
    what: `not all pages of the path came within ${Math.round(timeoutMs)} ms`,
    hint: 'Read a path with fewer parameters below it, or raise retry.timeoutMs.',
    attempts: 1,
  })
}
