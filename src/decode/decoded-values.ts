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

/** The decodings of one version; opaque to inspection. Failures are not kept. */
export class DecodedValues {
  #json: { readonly value: unknown } | undefined
  #text: Promise<unknown> | undefined
  readonly #plain = new Map<string, Promise<unknown>>()
  /** Weak, so that a schema made anew for every call is not kept alive by the cache. */
  readonly #bySchema = new WeakMap<object, Map<string, Promise<unknown>>>()

  /** The parsed JSON of the whole value. */
  json(parse: () => unknown): unknown {
    this.#json ??= { value: parse() }
    return this.#json.value
  }

  /** The promise kept for `view`, or that of `decode`, kept from now on unless it rejects. */
  get(view: View, decode: () => Promise<unknown>): Promise<unknown> {
    if (view.as === 'text' && view.schema === undefined && view.path === undefined) {
      this.#text ??= this.#keep(decode(), () => (this.#text = undefined))
      return this.#text
    }
    const views = this.#viewsOf(view.schema)
    const key = view.path === undefined ? view.as : JSON.stringify([view.as, ...view.path])
    let decoded = views.get(key)
    if (decoded === undefined) {
      decoded = this.#keep(decode(), () => views.delete(key))
      views.set(key, decoded)
    }
    return decoded
  }

  #viewsOf(schema: object | undefined): Map<string, Promise<unknown>> {
    if (schema === undefined) return this.#plain
    let views = this.#bySchema.get(schema)
    if (views === undefined) {
      views = new Map()
      this.#bySchema.set(schema, views)
    }
    return views
  }

  #keep(decoded: Promise<unknown>, forget: () => void): Promise<unknown> {
    decoded.catch(forget)
    return decoded
  }
}
