/**
 * Finds every schema inside a JSON Schema document, and what its references lead to. Nothing is ever fetched:
 * a schema that is referred to must be in the document, under its `$id` if need be.
 *
 * Source: JSON Schema core, draft 2020-12, §8 and §9
 *
 * @module
 */

import { SchemaFault, pointerTo, quoting } from './fault.js'
import { type SchemaNode, type SchemaObject, type SchemaPart, checkKeywords, partsOf } from './keywords.js'

/** A schema in the document. */
export interface Place {
  readonly node: SchemaNode
  /** JSON pointer from the root of the document. */
  readonly pointer: string
  /** The innermost schema with an identifier of its own that it is in. */
  readonly resource: Resource
}

/** A schema with an identifier, and what is in it up to the next one. */
export interface Resource {
  /** Absolute, without a fragment. */
  readonly uri: string
  readonly root: unknown
  readonly pointer: string
  /** Schemas in it that have a name. */
  readonly anchors: Map<string, Place>
  /** Anchors that an outer resource may override. */
  readonly dynamicAnchors: Map<string, Place>
}

/** Where a document begins that does not say so. */
const BASE = 'schema:///'

/** The name under which `$recursiveAnchor` of draft 2019-09 is known; no anchor can have it. */
const RECURSIVE = ''

/** The schemas of one document by where they are. */
export class SchemaIndex {
  readonly root: Place
  readonly #isDraft7: boolean
  readonly #places = new Map<string, Place>()
  readonly #resources = new Map<string, Resource>()

  /** @throws SchemaFault when there is something in it that is no schema. */
  constructor(document: SchemaObject, isDraft7: boolean) {
    this.#isDraft7 = isDraft7
    this.root = this.#add(document, '', undefined)
  }

  /** Where a schema directly inside another is. */
  part(parent: Place, { pointer, value }: SchemaPart): Place {
    return this.#places.get(pointer) ?? this.#add(value, pointer, parent.resource)
  }

  /** What a `$ref` leads to. */
  target(from: Place, reference: string, keyword: string): Place {
    const found = this.#find(from.resource, reference)
    if (found !== undefined) return found
    const isElsewhere = /^[a-z][a-z\d+.-]*:/i.test(reference)
    const what = isElsewhere ? 'leads to what is not in the schema, and nothing is fetched' : 'leads nowhere'
    throw new SchemaFault(quoting(`${pointerTo(from.pointer, keyword)} ${what}`, reference))
  }

  /** The name by which the target of a `$dynamicRef` may be overridden, if it may. */
  dynamicName(target: Place, reference: string): string | undefined {
    const name = reference.slice(reference.indexOf('#') + 1)
    return target.resource.dynamicAnchors.get(name) === target ? name : undefined
  }

  /** Whether a schema is but a reference: what is beside one says nothing in draft 7. */
  isReference(node: SchemaObject): boolean {
    return this.#isDraft7 && '$ref' in node
  }

  #add(node: unknown, pointer: string, outer: Resource | undefined): Place {
    if (typeof node !== 'boolean' && !isPlainObject(node)) throw new SchemaFault(`${pointer} is no schema`)
    if (typeof node === 'object') checkKeywords(node, pointer)
    const resource = this.#resourceOf(node, pointer, outer)
    const place = { node, pointer, resource }
    this.#places.set(pointer, place)
    if (typeof node === 'boolean') return place
    this.#anchor(place, node)
    for (const part of partsOf(node, pointer)) this.part(place, part)
    return place
  }

  #resourceOf(node: SchemaNode, pointer: string, outer: Resource | undefined): Resource {
    const id = typeof node === 'boolean' || this.isReference(node) ? undefined : node['$id']
    if (outer !== undefined && (typeof id !== 'string' || id.startsWith('#'))) return outer
    const at = pointerTo(pointer, '$id')
    const uri = typeof id === 'string' ? resolve(id.replace(/#.*$/s, ''), outer?.uri ?? BASE) : BASE
    if (uri === undefined) throw new SchemaFault(quoting(`${at} is no URI`, id))
    const known = this.#resources.get(uri)
    // TypeBox writes a schema that is used twice out twice, identifier and all.
    if (known !== undefined && JSON.stringify(known.root) !== JSON.stringify(node)) {
      throw new SchemaFault(quoting(`${at} names two schemas`, id))
    }
    const resource = { uri, root: node, pointer, anchors: new Map(), dynamicAnchors: new Map() }
    if (known === undefined) this.#resources.set(uri, resource)
    return resource
  }

  #anchor(place: Place, node: SchemaObject): void {
    const { anchors, dynamicAnchors } = place.resource
    const { $anchor, $dynamicAnchor, $recursiveAnchor, $id } = node
    const old =
      typeof $id === 'string' && !this.isReference(node)
        ? /#(?<name>.+)$/s.exec($id)?.groups?.['name']
        : undefined
    for (const name of [$anchor, $dynamicAnchor, old]) {
      if (typeof name !== 'string') continue
      if (anchors.has(name))
        throw new SchemaFault(quoting(`${place.pointer}/$anchor names two schemas`, name))
      anchors.set(name, place)
    }
    if (typeof $dynamicAnchor === 'string') dynamicAnchors.set($dynamicAnchor, place)
    if ($recursiveAnchor === true && place.resource.pointer === place.pointer)
      dynamicAnchors.set(RECURSIVE, place)
  }

  #find(from: Resource, reference: string): Place | undefined {
    const hash = reference.indexOf('#')
    const [uri, fragment] = hash < 0 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)]
    const resource = this.#resources.get(resolve(uri, from.uri) ?? '')
    if (resource === undefined) return undefined
    const name = decode(fragment)
    if (name === '' || name.startsWith('/')) return this.#at(resource, name)
    return resource.anchors.get(name)
  }

  /** A pointer may lead into what is no keyword, such as `#/components/schemas/db`. */
  #at(resource: Resource, path: string): Place | undefined {
    let [node, pointer, owner] = [resource.root, resource.pointer, resource]
    for (const part of path.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
      node = Reflect.get(node, key)
      pointer = pointerTo(pointer, key)
      owner = this.#places.get(pointer)?.resource ?? owner
    }
    if (typeof node !== 'boolean' && !isPlainObject(node)) return undefined
    return this.#places.get(pointer) ?? this.#add(node, pointer, owner)
  }
}

function resolve(uri: string, base: string): string | undefined {
  if (uri === '') return base
  try {
    return new URL(uri, base).href
  } catch {
    return undefined
  }
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function isPlainObject(value: unknown): value is SchemaObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
