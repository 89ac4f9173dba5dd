/**
 * Finds the errors inside an error, as drivers, pools and object mappers wrap them.
 *
 * @module
 */

/** Members in which libraries keep the error that they wrap, or several in an array. */
const WRAPPED: readonly string[] = [
  ...['cause', 'errors', 'original', 'parent', 'driverError', 'originalError', 'innerError', 'reason'],
  // Of Prisma, of SQL Server's drivers.
  ...['meta', 'driverAdapterError', 'info', 'precedingErrors'],
]

/** Errors that are looked at in one; beyond it nobody wraps on purpose. */
const MAX_NODES = 100

/** Whether `isRejection` holds for the error or any inside it. Never throws; a member that does is as good as absent. */
export function someNode(error: unknown, isRejection: (node: object) => boolean): boolean {
  const nodes = new Set<object>()
  add(nodes, error)
  // Goes on over the errors that are added meanwhile.
  for (const node of nodes) {
    if (isRejection(node)) return true
    for (const name of WRAPPED) add(nodes, memberOf(node, name))
  }
  return false
}

/** A member of an object; `undefined` where there is none to be had. */
export function memberOf(node: unknown, name: string): unknown {
  if (!isObject(node)) return undefined
  try {
    return Reflect.get(node, name)
  } catch {
    return undefined
  }
}

/** A member that is text, or `''`. */
export function textOf(node: unknown, name: string): string {
  const value = memberOf(node, name)
  return typeof value === 'string' ? value : ''
}

/** A member that is an integer or its decimal text; `undefined` for anything else. */
export function integerOf(node: unknown, name: string): number | undefined {
  const value = memberOf(node, name)
  if (typeof value === 'string' && /^-?\d{1,9}$/.test(value)) return Number(value)
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

function add(nodes: Set<object>, value: unknown): void {
  if (!isObject(value) || nodes.size >= MAX_NODES) return
  if (!isArray(value)) nodes.add(value)
  else
    for (let at = 0; at < MAX_NODES && nodes.size < MAX_NODES; at += 1)
      addItem(nodes, memberOf(value, `${at}`))
}

function addItem(nodes: Set<object>, item: unknown): void {
  if (isObject(item)) nodes.add(item)
}

/** A revoked proxy throws when it is asked. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
