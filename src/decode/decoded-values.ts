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
  readonly outcome: Promise<Outcome>
  /** What a hit returns, once the outcome is there. */
  value?: Promise<unknown>
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
  readonly #plain = new Map<string, Entry>()
  /** Views that were asked for. */
  readonly #seen = new Set<string>()
  readonly #seenBySchema = new WeakMap<object, Set<string>>()
  /** Weak, so that a schema made anew for every call is not kept alive by the cache. */
  readonly #bySchema = new WeakMap<object, Map<string, Entry>>()

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
    const seen = view.schema === undefined ? this.#seen : (this.#seenBySchema.get(view.schema) ?? new Set())
    if (view.schema !== undefined) this.#seenBySchema.set(view.schema, seen)
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

  /** The outcome for `view` that is kept or under way, or else that of `decode`. */
  outcome(
    view: View,
    decode: () => Promise<Outcome>,
  ): { readonly isOwn: boolean; readonly outcome: Promise<Outcome> } {
    const known = this.#entry(view)
    if (known !== undefined) return { isOwn: false, outcome: known.outcome }
    const entry: Entry = { outcome: decode() }
    const forget = this.#isKeeping ? this.#set(view, entry) : () => undefined
    entry.outcome.then(({ value, isShareable }) => {
      if (isPlainText(view)) this.#hasServedText = true
      else this.#hasServed = true
      if (isShareable && this.#isKeeping) entry.value = Promise.resolve(value)
      else forget()
    }, forget)
    return { isOwn: true, outcome: entry.outcome }
  }

  #entry(view: View): Entry | undefined {
    if (isPlainText(view)) return this.#text
    const views = view.schema === undefined ? this.#plain : this.#bySchema.get(view.schema)
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
    if (schema === undefined) return this.#plain
    let views = this.#bySchema.get(schema)
    if (views === undefined) {
      views = new Map()
      this.#bySchema.set(schema, views)
    }
    return views
  }
}

/** The commonest view has a place of its own. */
function isPlainText({ as, schema, path }: View): boolean {
  return as === 'text' && schema === undefined && path === undefined
}

function keyOf({ as, path }: View): string {
  if (path === undefined) return as
  return path.length === 1 ? `${as}#${path.join('')}` : `${as}${JSON.stringify(path)}`
}
