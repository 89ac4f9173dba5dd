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

  /** The promise that is kept for `view`. */
  kept(view: View): Promise<unknown> | undefined {
    if (isPlainText(view)) return this.#text
    const views = view.schema === undefined ? this.#plain : this.#bySchema.get(view.schema)
    return views?.get(keyOf(view))
  }

  /** Keeps a promise for `view`, unless it rejects. */
  keep(view: View, decoded: Promise<unknown>): void {
    if (isPlainText(view)) {
      this.#text = decoded
      decoded.catch(() => (this.#text = undefined))
      return
    }
    const views = this.#viewsOf(view.schema)
    const key = keyOf(view)
    views.set(key, decoded)
    decoded.catch(() => views.delete(key))
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
}

/** The commonest view has a place of its own. */
function isPlainText({ as, schema, path }: View): boolean {
  return as === 'text' && schema === undefined && path === undefined
}

function keyOf({ as, path }: View): string {
  if (path === undefined) return as
  return path.length === 1 ? `${as}#${path.join('')}` : `${as}${JSON.stringify(path)}`
}
