/**
 * Keeps what one version of a value was decoded to, so that work is done once per version and schema.
 *
 * @module
 */

/** Which decoding of a version is meant. */
interface View {
  readonly as: string
  readonly schema?: object | undefined
  readonly path?: readonly string[] | undefined
}

/** What a decoding came to. */
export interface Outcome {
  readonly value: unknown
  /** Whether callers may share the value: nobody can change it. */
  readonly isShareable: boolean
}

/** A decoding that runs or is kept. */
interface Entry {
  /** While it runs. */
  outcome: Promise<Outcome> | undefined
  /** What a hit returns, once the outcome is there. */
  value: Promise<unknown> | undefined
  /** Whether it was asked about. */
  isSeen: boolean
}

/** Fields and pointers that are kept of one version and schema; more than anybody reads of one secret. */
const MAX_VIEWS = 256

/** The decodings of one version; opaque to inspection. Failures and values that can be changed are not kept. */
export class DecodedValues {
  #json: { readonly value: unknown } | undefined
  #text: Entry | undefined
  #hasServed = false
  #hasServedText = false
  readonly #isKeeping: boolean
  // Most versions have one view only, so that the rest is made when it is needed.
  #plain: Map<string, Entry> | undefined
  /** Views that were asked for. */
  #seen: Set<string> | undefined
  #seenBySchema: WeakMap<object, Set<string>> | undefined
  /** Weak, so that a schema made anew for every call is not kept alive by the cache. */
  #bySchema: WeakMap<object, Map<string, Entry>> | undefined
  /** Promises that are kept, at the places that {@link DecodedValues.placeOf} has told. */
  #placed: Promise<unknown>[] | undefined

  /**
   * @param options - `isKeeping`: whether to keep anything; where not, every read decodes anew
   */
  constructor({ isKeeping = true }: { readonly isKeeping?: boolean } = {}) {
    this.#isKeeping = isKeeping
  }

  /** Whether anything but the plain text was made of the version, successfully. */
  hasServed(): boolean {
    return this.#hasServed
  }

  /** Whether the plain text was made of the version. */
  hasServedText(): boolean {
    return this.#hasServedText
  }

  /** Whether it is the first time that this is asked about `view`; also where nothing is kept. */
  isFirst(view: View): boolean {
    const entry = this.#entry(view)
    if (entry !== undefined) {
      const isFirst = !entry.isSeen
      entry.isSeen = true
      return isFirst
    }
    const seen = this.#seenOf(view.schema)
    if (seen.size >= MAX_VIEWS) seen.clear()
    const key = keyOf(view)
    return !seen.has(key) && seen.add(key).has(key)
  }

  /** The parsed JSON of the whole value. */
  json(parse: () => unknown): unknown {
    if (!this.#isKeeping) return parse()
    this.#json ??= { value: parse() }
    return this.#json.value
  }

  /** The promise that is kept for `view`; it has resolved already. */
  kept(view: View): Promise<unknown> | undefined {
    return this.#entry(view)?.value
  }

  /** Where a promise that is kept can be had from now on; `undefined` where there is no place left. */
  placeOf(kept: Promise<unknown>): number | undefined {
    // Not an empty array, which grows to room for 17.
    const placed = (this.#placed ??= [kept])
    const place = placed.indexOf(kept)
    if (place >= 0) return place
    return placed.length < MAX_VIEWS ? placed.push(kept) - 1 : undefined
  }

  /** The promise at a place. */
  at(place: number): Promise<unknown> | undefined {
    return this.#placed?.[place]
  }

  /** The outcome for `view` that is kept or under way, or else that of `decode`. */
  outcome(
    view: View,
    decode: () => Promise<Outcome>,
  ): { readonly isOwn: boolean; readonly outcome: Promise<Outcome> } {
    const known = this.#entry(view)
    if (known !== undefined) return { isOwn: false, outcome: known.outcome ?? kept(known.value) }
    const outcome = decode()
    const entry: Entry = { outcome, value: undefined, isSeen: false }
    const forget = this.#isKeeping ? this.#set(view, entry) : () => undefined
    outcome.then(({ value, isShareable }) => {
      if (isPlainText(view)) this.#hasServedText = true
      else this.#hasServed = true
      if (isShareable && this.#isKeeping) {
        entry.value = Promise.resolve(value)
        entry.outcome = undefined
      } else forget()
    }, forget)
    return { isOwn: true, outcome }
  }

  #entry(view: View): Entry | undefined {
    if (isPlainText(view)) return this.#text
    const views = view.schema === undefined ? this.#plain : this.#bySchema?.get(view.schema)
    return views?.get(keyOf(view))
  }

  #set(view: View, entry: Entry): () => void {
    if (isPlainText(view)) {
      this.#text = entry
      return () => (this.#text = undefined)
    }
    const views = this.#viewsOf(view.schema)
    const key = keyOf(view)
    if (views.size >= MAX_VIEWS) views.clear()
    views.set(key, entry)
    return () => views.delete(key)
  }

  #viewsOf(schema: object | undefined): Map<string, Entry> {
    if (schema === undefined) return (this.#plain ??= new Map<string, Entry>())
    this.#bySchema ??= new WeakMap()
    const views = this.#bySchema.get(schema) ?? new Map<string, Entry>()
    this.#bySchema.set(schema, views)
    return views
  }

  #seenOf(schema: object | undefined): Set<string> {
    if (schema === undefined) return (this.#seen ??= new Set())
    this.#seenBySchema ??= new WeakMap()
    const seen = this.#seenBySchema.get(schema) ?? new Set<string>()
    this.#seenBySchema.set(schema, seen)
    return seen
  }
}

async function kept(value: Promise<unknown> | undefined): Promise<Outcome> {
  return { value: await value, isShareable: true }
}

/** The commonest view has a place of its own. */
function isPlainText({ as, schema, path }: View): boolean {
  return as === 'text' && schema === undefined && path === undefined
}

function keyOf({ as, path }: View): string {
  if (path === undefined) return as
  return path.length === 1 ? `${as}#${path.join('')}` : `${as}${JSON.stringify(path)}`
}
