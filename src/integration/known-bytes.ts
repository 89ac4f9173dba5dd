/**
 * Replaces bytes that hold a secret before they are printed as numbers.
 *
 * @module
 */

import { isProxy, isUint8Array } from 'node:util/types'
import { MASK, type Scrubbing } from './scrubbing.js'

/** Members of all objects and arrays that are looked at in one call. */
const MAX_MEMBERS = 10_000

/**
 * The arguments with `[redacted]` in place of every `Uint8Array` that holds a value of `secrets`, also inside plain
 * objects and arrays, of which there are copies then. The same arguments where there is none.
 */
export function withoutKnownBytes(secrets: Scrubbing, args: readonly unknown[]): readonly unknown[] {
  const copiedArgs: unknown[] = []
  const copies = new Map<object, object>([[args, copiedArgs]])
  let [members, hasFound] = [args.length, false]
  const replaced = (member: unknown): unknown => {
    if (isUint8Array(member)) {
      if (!isKnown(secrets, member)) return member
      hasFound = true
      return MASK
    }
    if (!isContainer(member)) return member
    const known = copies.get(member)
    if (known !== undefined) return known
    const count = Array.isArray(member) ? member.length : Object.keys(member).length
    if (members + count > MAX_MEMBERS) return member
    members += count
    const copy = emptyLike(member)
    copies.set(member, copy)
    return copy
  }
  // Goes on over the copies that are added meanwhile.
  for (const [original, copy] of copies) copyMembers(original, copy, replaced)
  return hasFound ? copiedArgs : args
}

function isKnown(secrets: Scrubbing, bytes: Uint8Array): boolean {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return secrets.scrub(hex) !== hex
}

/** Whether it is a plain object or array; of nothing else copies would print the same. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return prototype === Array.prototype
  return prototype === null || prototype === Object.prototype
}

function emptyLike(container: object): object {
  if (Array.isArray(container)) return []
  return Object.getPrototypeOf(container) === null ? { __proto__: null } : {}
}

/** Getters are copied, not called. */
function copyMembers(original: object, copy: object, replaced: (member: unknown) => unknown): void {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key)
    if (descriptor === undefined) continue
    if (Object.hasOwn(descriptor, 'value')) descriptor.value = replaced(descriptor.value)
    Object.defineProperty(copy, key, descriptor)
  }
}
