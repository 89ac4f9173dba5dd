/**
 * Loads all parameters below a path, page by page, as one value.
 *
 * @module
 */

import type { LoadContext } from '../../cache/launcher.js'
import type { Clock } from '../../clock.js'
import { type Leaf, treeTextOf } from '../../decode/tree.js'
import { SecretsError, errorWith, isSecretsError } from '../../errors.js'
import type { ParameterReference } from '../../reference/reference.js'
import type { ParameterPage, TreeParameter } from '../../source/source.js'
import type { StoredValue } from '../../stored-value.js'
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
  { clock, timeoutMs, loadPage }: TreeTools,
  context: LoadContext,
): Promise<StoredValue> {
  const startedAt = clock.monotonic()
  const found = new Map<string, TreeParameter>()
  const used = new Set<string | undefined>()
  let nextToken: string | undefined
  do {
    used.add(nextToken)
    const remainingMs = Math.max(1, timeoutMs - (clock.monotonic() - startedAt))
    const request = { nextToken, timeoutMs: remainingMs }
    const pageContext = requestContext(context, { signal: context.signal, isFirst: used.size === 1 })
    const page = await told(used.size, loadPage(path, request, pageContext))
    for (const parameter of page.parameters) keepNewest(found, parameter)
    nextToken = page.nextToken
    if (nextToken !== undefined && used.has(nextToken)) throw endless(path)
  } while (nextToken !== undefined)
  if (found.size === 0) throw empty(path)
  const root = path.name ?? ''
  return { name: root, text: treeTextOf(Array.from(found.values(), (parameter) => leafOf(parameter, root))) }
}

/** A parameter that changes between two pages may be on both. */
function keepNewest(found: Map<string, TreeParameter>, parameter: TreeParameter): void {
  const known = found.get(parameter.name)
  if ((known?.version ?? 0) <= (parameter.version ?? 0)) found.set(parameter.name, parameter)
}

function leafOf({ name, text, isList, version }: TreeParameter, root: string): Leaf {
  const path = `/${name.replace(/^\//, '')}`.slice(root.length)
  return { path, text, isList, ...(version !== undefined && { version }) }
}

/** A failure counts the requests for the pages before, too. */
async function told(page: number, loaded: Promise<ParameterPage>): Promise<ParameterPage> {
  try {
    return await loaded
  } catch (error) {
    if (!isSecretsError(error)) throw error
    throw errorWith(error, { ref: error.ref ?? '', attempts: error.attempts + page - 1 })
  }
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
