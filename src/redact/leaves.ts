/**
 * Finds what is worth masking in a decoded value: texts, bytes and long numbers. Walks data only, and runs no code
 * of others: no getters, no proxies, no classes.
 *
 * @module
 */

import { isMap, isProxy, isSet, isUint8Array } from 'node:util/types'

/** Something to mask. */
export type Leaf = string | Uint8Array

/** Units below which a text is too common to be masked. */
export const MIN_LENGTH = 8

/**
 * Engines in AWS's own secrets, which are the names of their first users too: words that every log is full of.
 */
const PUBLIC_WORDS: ReadonlySet<string> = new Set([
  'postgres',
  'postgresql',
  'aurora-mysql',
  'aurora-postgresql',
  'sqlserver',
  'redshift',
  'documentdb',
])

/** Objects and leaves that are looked at in one value; 64 KiB of JSON have fewer. */
const MAX_NODES = 100_000

/**
 * The leaves of `root`: texts of 8 units and more, numbers of 8 digits and more, bytes. Objects that are neither
 * plain, nor arrays, maps or sets, are passed over, and so are keys.
 */
export function* leavesOf(root: unknown): Generator<Leaf> {
  const pending: unknown[] = [root]
  const seen = new Set<object>()
  for (let nodes = 0; pending.length > 0 && nodes < MAX_NODES; nodes += 1) {
    const node = pending.pop()
    const leaf = leafOf(node)
    if (leaf !== undefined) yield leaf
    else if (typeof node === 'object' && node !== null && !seen.has(node)) {
      seen.add(node)
      pushChildren(node, pending)
    }
  }
}

/** The leaves of a JSON object or array; `undefined` where `text` is anything else. */
export function leavesOfJson(text: string): readonly Leaf[] | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined
  try {
    return [...leavesOf(JSON.parse(text))]
  } catch {
    return undefined
  }
}

function leafOf(node: unknown): Leaf | undefined {
  if (typeof node === 'string') return node.length < MIN_LENGTH || PUBLIC_WORDS.has(node) ? undefined : node
  if (typeof node === 'number' || typeof node === 'bigint') return digitsOf(String(node))
  return isUint8Array(node) && node.length >= MIN_LENGTH ? node : undefined
}

function digitsOf(number: string): string | undefined {
  let digits = 0
  for (const unit of number) if (unit >= '0' && unit <= '9') digits += 1
  return digits >= MIN_LENGTH ? number : undefined
}

function pushChildren(node: object, pending: unknown[]): void {
  if (isProxy(node)) return
  if (isMap(node)) {
    Map.prototype.forEach.call(node, (value: unknown) => void pending.push(value))
  } else if (isSet(node)) {
    Set.prototype.forEach.call(node, (value: unknown) => void pending.push(value))
  } else if (isPlain(node)) {
    for (const key of Object.keys(node)) pending.push(Object.getOwnPropertyDescriptor(node, key)?.value)
  }
}

function isPlain(node: object): boolean {
  if (Array.isArray(node)) return true
  const prototype: unknown = Object.getPrototypeOf(node)
  return prototype === null || prototype === Object.prototype
}
