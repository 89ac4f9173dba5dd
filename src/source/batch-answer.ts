/**
 * Gives each reference its part of an answer for several. Parts are told by what they say of themselves, never by
 * their place, and where two could be meant neither is taken. Pure.
 *
 * @module
 */

import type { Reference } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'
import type { Fields } from './answer.js'
import type { LoadResult } from './source.js'

/** One answer for several references, in the same form for both services. */
export interface BatchPage {
  /** What was found, in any order: each as the answer to a request of its own would be. */
  readonly items: readonly Fields[]
  /** Raw errors by the id that was sent. */
  readonly errors: ReadonlyMap<string, unknown>
  /** Asks for what is left; `undefined` with the last page. */
  readonly nextToken: string | undefined
}

/** How a service's answers are read. */
export interface BatchReading<Asked extends Reference> {
  /** Whether an item is what the reference selects; what else it says of itself is not looked at. */
  readonly isAbout: (reference: Asked, item: Fields) => boolean
  /** Item and version, as one text. */
  readonly versionOf: (item: Fields) => string
  /** Reads an item; throws where it cannot be the answer after all. */
  readonly read: (reference: Asked, region: string | undefined, item: Fields) => StoredValue
}

/** A reference of a batch, with the id that was sent for it and the region that was asked. */
export interface Sent<Asked extends Reference> {
  readonly reference: Asked
  readonly id: string
  readonly region: string | undefined
}

/** The result for one reference of a batch. Never throws. */
export function resultIn<Asked extends Reference>(
  pages: readonly BatchPage[],
  { reference, id, region }: Sent<Asked>,
  { isAbout, versionOf, read }: BatchReading<Asked>,
): LoadResult {
  const refused = pages.find(({ errors }) => errors.has(id))
  if (refused !== undefined) return { error: refused.errors.get(id), region }
  const items = pages.flatMap((page) => page.items).filter((item) => isAbout(reference, item))
  const [item, ...others] = items
  if (item === undefined || others.some((other) => versionOf(other) !== versionOf(item))) {
    return { isUnanswered: true }
  }
  try {
    return { value: read(reference, region, item) }
  } catch (error) {
    return { error, region }
  }
}
