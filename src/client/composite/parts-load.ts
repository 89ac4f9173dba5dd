/**
 * Loads a value that is split over several secrets or parameters: all parts of one generation, or none.
 *
 * @module
 */

import type { LoadContext } from '../../cache/launcher.js'
import type { Clock } from '../../clock.js'
import { type Part, isOneGeneration, joined, partOf as readPart } from '../../decode/parts.js'
import { SecretsError, errorWith, isSecretsError } from '../../errors.js'
import { partOf } from '../../reference/composite.js'
import type { Reference } from '../../reference/reference.js'
import { withDeadline } from '../../retry/deadline.js'
import { type StoredValue, bare } from '../../stored-value.js'
import { requestContext } from './request-context.js'

/** What a value in parts is loaded with. */
export interface PartsTools {
  readonly clock: Clock
  /** Milliseconds for all parts together. */
  readonly timeoutMs: number
  /** Loads one part. */
  readonly load: (reference: Reference, context: LoadContext) => Promise<StoredValue>
}

/** How long to wait until parts that are just being written are looked at again, in milliseconds. */
const WAITS_MS: readonly number[] = [100, 200, 400, 800]

/**
 * The whole value, with the provenance of its first part. Where parts of two generations are found, they are read
 * again a few times, since they are just being written.
 *
 * @throws SecretsError as for each part; `ERR_UNAVAILABLE` where the generations stay mixed, and `ERR_DECODE` for
 * what is no part, and for parts that do not add up.
 */
export function loadParts(
  whole: Reference,
  { clock, timeoutMs, load }: PartsTools,
  context: LoadContext,
): Promise<StoredValue> {
  const { ref } = whole
  const keepAlive = !context.isBackground
  const deadline = { clock, timeoutMs, signal: context.signal, ref, keepAlive, toldMs: timeoutMs }
  return withDeadline(deadline, async (signal) => {
    let attempts = 0
    const onAttempt = () => (attempts += 1)
    const loadPart = (reference: Reference, isFirst: boolean) =>
      load(reference, requestContext(context, { signal, isFirst, onAttempt }))
    for (const waitMs of WAITS_MS) {
      const value = await loadOnce(whole, loadPart)
      if (value !== undefined) return value
      await clock.sleep(waitMs, { signal, ref: keepAlive })
    }
    const value = await loadOnce(whole, loadPart)
    if (value === undefined) throw torn(ref, attempts)
    return value
  })
}

type LoadPart = (reference: Reference, isFirst: boolean) => Promise<StoredValue>

/** The whole value; `undefined` where the parts are of different generations. */
async function loadOnce(whole: Reference, load: LoadPart): Promise<StoredValue | undefined> {
  const { ref } = whole
  const stored = await load(partOf(whole, 1, undefined), true)
  const first = readPart(stored, ref)
  const positions = Array.from({ length: first.header.parts - 1 }, (_none, index) => index + 2)
  const others = await Promise.all(
    positions.map((position) => otherPart(partOf(whole, position, stored.name), ref, load)),
  )
  const parts = [first, ...others.filter((part) => part !== undefined)]
  if (parts.length < first.header.parts || !isOneGeneration(parts)) return undefined
  const { text: _text, bytes: _bytes, ...provenance } = stored
  return bare({ ...provenance, ...joined(parts, ref) })
}

/** A part that is not there yet will be: the first one is written last. */
async function otherPart(reference: Reference, ref: string, load: LoadPart): Promise<Part | undefined> {
  try {
    return readPart(await load(reference, false), ref)
  } catch (error) {
    if (isSecretsError(error, 'ERR_NOT_FOUND')) return undefined
    throw isSecretsError(error) ? aboutPart(error, reference, ref) : error
  }
}

/** Whoever asked for the whole is told which part failed. */
function aboutPart(error: SecretsError, part: Reference, ref: string): SecretsError {
  const { attempts, what } = error
  return errorWith(error, { ref, attempts, what: `the part ${part.ref}: ${what}` })
}

function torn(ref: string, attempts: number): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    ref,
    what: 'the parts of the value are not of one generation: they are just being written, or one is missing',
    hint: 'Write all parts as splitValue() gives them; until then the value before is served where it is cached.',
    attempts,
  })
}
