/**
 * Walks, copies and freezes plain data: objects without a class, arrays and scalars, as JSON has them. Nothing
 * here is recursive, so depth cannot overflow the stack.
 *
 * @module
 */

/**
 * Freezes plain objects and arrays all the way down and returns the same value.
 */
export function deepFreeze(value: unknown): unknown {
  for (const node of nodesOf(value)) Object.freeze(node)
  return value
}

/**
 * A deeply frozen copy of plain data, or `undefined` where there is something else in it, such as a date: that
 * cannot be frozen, and a copy might not be what its class promises. What is copied may belong to the user, a
 * default of a schema for one, and is not frozen itself.
 */
export function frozenCopyOf(root: unknown): { readonly value: unknown } | undefined {
  const copies = new Map<object, object>()
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const node = pending.pop()
    if (!isReferenceType(node) || copies.has(node)) continue
    if (!isPlain(node) || Object.getOwnPropertySymbols(node).length > 0) return undefined
    copies.set(node, emptyLike(node))
    for (const child of Object.values(node)) pending.push(child)
  }
  for (const [node, copy] of copies) {
    for (const [key, child] of Object.entries(node) as [string, unknown][]) {
      const value = isReferenceType(child) ? copies.get(child) : child
      Object.defineProperty(copy, key, { value, enumerable: true })
    }
    Object.freeze(copy)
  }
  return { value: isReferenceType(root) ? copies.get(root) : root }
}

function emptyLike(node: object): object {
  return Array.isArray(node) ? [] : (Object.create(Object.getPrototypeOf(node) as object | null) as object)
}

/** A deep copy of a value that was parsed from JSON, for others to change at will. */
export function copyOf(value: unknown): unknown {
  const holder = { value }
  const pending: object[] = [holder]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const [key, child] of Object.entries(node) as [string, unknown][]) {
      if (!isPlain(child)) continue
      const copy: object = Array.isArray(child) ? Array.from<unknown>(child) : { ...child }
      Reflect.set(node, key, copy)
      pending.push(copy)
    }
  }
  return holder.value
}

/** Every plain object and array inside `value`, itself included. */
export function* nodesOf(value: unknown): Generator<object> {
  const pending: unknown[] = [value]
  const seen = new Set<object>()
  while (pending.length > 0) {
    const node = pending.pop()
    if (!isPlain(node) || seen.has(node)) continue
    seen.add(node)
    yield node
    for (const child of Object.values(node)) pending.push(child)
  }
}

function isReferenceType(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
