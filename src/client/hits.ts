/**
 * The way of a hit: from the text of a reference to the promise that is kept of its value, in one look-up.
 *
 * @module
 */

import type { Cache } from '../cache/cache.js'
import { Entry } from '../cache/lru.js'
import type { Cached } from '../cache/store.js'
import type { As, Schema } from '../decode/decode.js'
import type { DecodedValues } from '../decode/decoded-values.js'
import type { Observer } from '../observe/observer.js'
import type { ReadOptions } from '../options/read-options.js'
import { parseReference } from '../reference/parse.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import type { Aliases } from './aliases.js'
import type { Item } from './item.js'
import { isDecodeFailure } from './read-out.js'

/** What {@link Hits} work with. */
export interface HitsOptions {
  readonly cache: Cache<Item>
  readonly aliases: Aliases
  readonly observer: Observer
  /** How many values the cache holds. */
  readonly maxEntries: number
}

/** A text that was read before. Holds no value: what leaves the cache is gone from here too. */
interface Known {
  readonly reference: Reference
  /** Where the value was found last. */
  entry: Entry<Cached<Item>> | undefined
  /** The revision of the aliases at which it was found there. */
  revision: number | undefined
  /** Where its decoding without options is. */
  plain: number | undefined
  /** Where its other decodings are. */
  views: readonly View[]
  /** The value while it is loaded. */
  pending: Pending | undefined
}

/** What a first reader waits for, and what others who ask for the same may wait for with it. */
interface Pending {
  readonly flight: object
  readonly as: As | undefined
  readonly value: Promise<unknown>
  /** How many wait besides the first. */
  joined: number
}

/** What a read is told, where it is told nothing else. */
export interface Asked {
  readonly as: As | undefined
  readonly schema: Schema | undefined
}

/** A decoding that is kept, and the version that it is of. */
export interface Kept {
  readonly decoded: DecodedValues
  readonly kept: Promise<unknown>
}

/** A decoding that was asked for by certain options. */
interface View extends Asked {
  /** Among the decodings of the version. */
  readonly place: number
}

/** Ways to read one text; more than anybody has in one hot loop. */
const MAX_VIEWS = 8

/** Texts that are remembered for each value that may be cached; all are forgotten when there are more. */
const TEXTS_PER_ENTRY = 4

const NO_VIEWS: readonly View[] = []

/** The texts that were read before, parsed, and where their values are. */
export class Hits {
  readonly #options: HitsOptions
  readonly #cache: Cache<Item>
  readonly #aliases: Aliases
  readonly #known = new Map<string, Known>()
  /** One for all hits. */
  readonly #wishes = new Wishes()

  constructor(options: HitsOptions) {
    this.#options = options
    this.#cache = options.cache
    this.#aliases = options.aliases
  }

  /**
   * The promise that is kept of a value which is fresh, where it was read before in the same way; counted as a hit.
   * Nothing where anything is out of the ordinary: then the read goes its long way.
   */
  find(ref: ReferenceInput, options: ReadOptions | undefined): Promise<unknown> | undefined {
    if (typeof ref !== 'string') return undefined
    const known = this.#known.get(ref)
    if (known?.entry === undefined || known.revision !== this.#aliases.revision) return undefined
    const place = options === undefined ? known.plain : this.#placeOf(known.views, options)
    if (place === undefined) return undefined
    return this.#cache.hit(known.reference.key, known.entry)?.value.decoded.at(place)
  }

  /** Takes note of a promise that is kept, so that the next read in the same way finds it. */
  learn(ref: ReferenceInput, asked: Asked, { decoded, kept }: Kept): void {
    const known = typeof ref === 'string' ? this.#known.get(ref) : undefined
    const entry = known && this.#cache.entry(known.reference.key)
    if (entry === undefined || Entry.value(entry).value.decoded !== decoded) return
    const place = decoded.placeOf(kept)
    if (known === undefined || place === undefined) return
    if (known.entry !== entry) Object.assign(known, { entry, plain: undefined, views: NO_VIEWS })
    known.revision = this.#aliases.revision
    if (asked.as === undefined && asked.schema === undefined) known.plain = place
    // In place of one that differs in the object of its schema only, as one that is written inline does each time.
    const others = known.views.filter((view) => view.place !== place || view.as !== asked.as)
    known.views = [{ as: asked.as, schema: asked.schema, place }, ...others].slice(0, MAX_VIEWS)
  }

  /** Lets others wait for the value that a first reader waits for, while nothing else can come of their reads. */
  share(ref: ReferenceInput, asked: Asked, value: Promise<unknown>): void {
    const known = typeof ref === 'string' ? this.#known.get(ref) : undefined
    if (known === undefined || !isShareable(asked)) return
    const { key, ref: printed } = known.reference
    const flight = this.#cache.underWay(key)
    if (flight === undefined) return
    const pending: Pending = { flight, as: asked.as, value, joined: 0 }
    known.pending = pending
    const forget = () => {
      if (known.pending === pending) known.pending = undefined
    }
    value.then(forget, (error: unknown) => {
      forget()
      if (!isDecodeFailure(error)) return
      // The first reader has told its own.
      for (let times = 0; times < pending.joined; times += 1)
        this.#options.observer.decodeFailed(printed, error.code, false)
    })
  }

  /** The value that another reader waits for in the same way; counted as a miss. Each caller needs errors of its own. */
  join(ref: ReferenceInput, asked: Asked): Promise<unknown> | undefined {
    const known = typeof ref === 'string' ? this.#known.get(ref) : undefined
    if (known?.pending === undefined) return undefined
    const { pending, reference } = known
    if (!isShareable(asked) || asked.as !== pending.as) return undefined
    const flight = this.#cache.underWay(reference.key)
    if (flight === undefined || flight !== pending.flight) return undefined
    this.#cache.wait(reference.key, flight)
    pending.joined += 1
    return pending.value
  }

  /**
   * The reference that a caller gave, parsed; texts once only.
   *
   * @throws TypeError or SecretsError `ERR_REFERENCE_INVALID` when it cannot be.
   */
  parse(input: ReferenceInput): Reference {
    if (typeof input !== 'string') return parseReference(input)
    const known = this.#known.get(input)
    if (known !== undefined) return known.reference
    const reference = parseReference(input)
    if (this.#known.size >= TEXTS_PER_ENTRY * this.#options.maxEntries) this.#known.clear()
    this.#known.set(input, {
      reference,
      entry: undefined,
      revision: undefined,
      plain: undefined,
      views: NO_VIEWS,
      pending: undefined,
    })
    return reference
  }

  #placeOf(views: readonly View[], options: ReadOptions): number | undefined {
    const wishes = this.#wishes
    if (!wishes.read(options)) return undefined
    for (const { as, schema, place } of views) if (as === wishes.as && schema === wishes.schema) return place
    return undefined
  }
}

/** What is asked for by options that say nothing else. */
export function askedBy(options: ReadOptions | undefined): Asked | undefined {
  const wishes = new Wishes()
  return wishes.read(options) ? wishes : undefined
}

/** Bytes are each caller's own, and so may be what a schema makes. */
function isShareable({ as, schema }: Asked): boolean {
  return schema === undefined && as !== 'bytes'
}

/** Reads options without an object or a list of names, which would cost a hit more than all the rest of it. */
class Wishes implements Asked {
  as: As | undefined
  schema: Schema | undefined

  /** Whether the options say nothing but `as` and `schema`; own members only, as everywhere. */
  read(options: ReadOptions | undefined): boolean {
    let as: As | undefined
    let schema: Schema | undefined
    try {
      for (const name in options) {
        if (!Object.prototype.hasOwnProperty.call(options, name)) return false
        if (name === 'schema') schema = options.schema
        else if (name === 'as') as = options.as
        else return false
      }
      if (options !== undefined && options.constructor !== Object) return false
    } catch {
      return false
    }
    // Not before: a getter may read something else meanwhile.
    this.as = as
    this.schema = schema
    return true
  }
}
