/**
 * Links the references of a JSON Schema to what they lead to, dynamic ones included, in a form that the
 * validator can follow: it does not know `$dynamicRef`, nor every rule for addresses.
 *
 * A schema behaves differently only where an outer one overrides a dynamic anchor that it refers to. So each
 * is copied once for every set of overrides that it is reached with; where there are none, once.
 *
 * @module
 */

import { URL_RULES } from './formats.js'
import { SchemaFault, pointerTo, quoting } from './fault.js'
import { type Place, SchemaIndex } from './addresses.js'
import { type SchemaNode, type SchemaObject, isInPlace, mapParts } from './keywords.js'
import { UniqueItems } from './unique-items.js'

/** What dynamic anchors stand for: the outermost schema that has one decides. */
type Scope = ReadonlyMap<string, Place>

/** A schema whose every `$ref` is a key of `schemas`. */
export interface LinkedSchema {
  readonly root: SchemaNode
  readonly schemas: Readonly<Record<string, SchemaNode>>
  /** Has to be told of every value before the validator sees it. */
  readonly uniqueItems: UniqueItems
}

/** A schema that sees the same value as the one that the edge belongs to. */
interface Edge {
  readonly key: string
  /** What is wrong with the reference if it is part of a circle; `undefined` for no reference. */
  readonly circle: string | undefined
}

/** Dynamic anchors multiply schemas: more copies than this are nobody's intention. */
const MAX_COPIES = 10_000

/** Schemas that may be asked of the same value, one by the other; each takes the validator some of the stack. */
const MAX_CHAIN = 200

const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const

/**
 * Links a schema.
 *
 * @throws SchemaFault for a reference that leads nowhere or in a circle, and for what is no schema.
 */
export function linkSchema(document: SchemaObject, isDraft7: boolean): LinkedSchema {
  const linker = new Linker(new SchemaIndex(document, isDraft7))
  const linked = linker.link()
  refuseEndless(linker.edges)
  return linked
}

class Linker {
  /** By the key of the schema that they belong to. */
  readonly edges = new Map<string, readonly Edge[]>()
  readonly #index: SchemaIndex
  readonly #schemas = Object.create(null) as Record<string, SchemaNode>
  readonly #pending: (() => void)[] = []
  readonly #uniqueItems = new UniqueItems()
  #copies = 0

  constructor(index: SchemaIndex) {
    this.#index = index
  }

  link(): LinkedSchema {
    const { root } = this.#index
    const linked = this.#copy(root, enter(new Map(), root))
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next()
    return { root: linked, schemas: this.#schemas, uniqueItems: this.#uniqueItems }
  }

  #copy(place: Place, scope: Scope): SchemaNode {
    const key = keyOf(place, scope)
    const known = this.#schemas[key]
    if (known !== undefined) return known
    const { node } = place
    if (typeof node === 'boolean') return (this.#schemas[key] = node)
    if (scope.size > 0) this.#countCopy()
    const copy: Record<string, unknown> = {}
    this.#schemas[key] = copy
    const edges: Edge[] = REFERENCES.flatMap((keyword) => this.#follow(place, node, keyword, scope))
    const references = edges.map((edge) => ({ $ref: edge.key }))
    this.edges.set(key, edges)
    const parts = mapParts(node, place.pointer, (part) => {
      const inner = this.#index.part(place, part)
      const innerScope = enter(scope, inner)
      const isEdge = isInPlace(part.keyword) && !this.#index.isReference(node)
      if (isEdge) edges.push({ key: keyOf(inner, innerScope), circle: undefined })
      return this.#copy(inner, innerScope)
    })
    return Object.assign(copy, withRules(parts, references, this.#uniqueItems))
  }

  #countCopy(): void {
    this.#copies += 1
    if (this.#copies > MAX_COPIES)
      throw new SchemaFault('its dynamic anchors override each other without end')
  }

  #follow(place: Place, node: SchemaObject, keyword: (typeof REFERENCES)[number], scope: Scope): Edge[] {
    const reference = node[keyword]
    if (typeof reference !== 'string') return []
    const target = this.#index.target(place, reference, keyword)
    const name = keyword === '$ref' ? undefined : this.#index.dynamicName(target, reference)
    const destination = (name === undefined ? undefined : scope.get(name)) ?? target
    const inner = enter(scope, destination)
    this.#pending.push(() => this.#copy(destination, inner))
    const circle = quoting(`${pointerTo(place.pointer, keyword)} leads back to itself`, reference)
    return [{ key: keyOf(destination, inner), circle }]
  }
}

/** What the validator does not know, or does otherwise. */
const REPLACED: ReadonlySet<string> = new Set([...REFERENCES, '$recursiveAnchor'])

/** Puts references, formats and what the validator is slow at where it can deal with them. */
function withRules(
  parts: Record<string, unknown>,
  [first, ...others]: readonly object[],
  uniqueItems: UniqueItems,
): Record<string, unknown> {
  const isUrl = parts['format'] === 'url'
  const isUnique = parts['uniqueItems'] === true
  const replaced = new Set([...REPLACED, ...(isUrl ? ['format'] : []), ...(isUnique ? ['uniqueItems'] : [])])
  const kept = Object.entries(parts).filter(([key]) => !replaced.has(key))
  const rules = [...others, ...(isUrl ? URL_RULES : []), ...(isUnique ? [uniqueItems.rule()] : [])]
  const allOf: unknown = parts['allOf']
  return {
    ...first,
    ...Object.fromEntries(kept),
    ...(rules.length > 0 && { allOf: [...(Array.isArray(allOf) ? (allOf as unknown[]) : []), ...rules] }),
  }
}

/** The scope inside a schema. */
function enter(scope: Scope, { resource }: Place): Scope {
  const added = [...resource.dynamicAnchors].filter(([name]) => !scope.has(name))
  return added.length === 0 ? scope : new Map([...scope, ...added])
}

function keyOf({ pointer }: Place, scope: Scope): string {
  if (scope.size === 0) return `#${pointer}`
  const overrides = Array.from(scope, ([name, place]) => [name, place.pointer])
  return JSON.stringify([pointer, overrides.sort()])
}

/**
 * A value that never gets smaller would be checked forever, or until the stack ends. Every circle has a reference
 * in it.
 */
function refuseEndless(edges: ReadonlyMap<string, readonly Edge[]>): void {
  const lengths = new Map<string, number>()
  const open = new Set<string>()
  const visit = (key: string, reference: string): number => {
    if (open.has(key)) throw new SchemaFault(reference)
    const known = lengths.get(key)
    if (known !== undefined) return known
    open.add(key)
    let length = 0
    if (open.size > MAX_CHAIN) throw tooLong()
    for (const edge of edges.get(key) ?? []) {
      length = Math.max(length, visit(edge.key, edge.circle ?? reference) + 1)
    }
    if (length >= MAX_CHAIN) throw tooLong()
    open.delete(key)
    lengths.set(key, length)
    return length
  }
  for (const key of edges.keys()) visit(key, '')
}

function tooLong(): SchemaFault {
  return new SchemaFault(`more than ${MAX_CHAIN} of its schemas refer to each other in a row`)
}
