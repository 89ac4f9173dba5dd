/**
 * Describes as JSON Schema what valibot and zod mini, which have no JSON Schema of their own, make their schemas
 * of. It is only a help for whoever reads a refusal: what is not known here is described as anything.
 *
 * @module
 */

/** A member of anything; `undefined` where there is none to be had. */
export function memberOf(node: unknown, name: string): unknown {
  if ((typeof node !== 'object' && typeof node !== 'function') || node === null) return undefined
  try {
    return Reflect.get(node, name)
  } catch {
    return undefined
  }
}

/** Schemas that are looked at; a help that takes long is none. */
const MAX_NODES = 10_000

const SCALARS = ['string', 'number', 'boolean', 'null']

/** Types that a member may be left out with. */
const OPTIONAL = ['optional', 'exact_optional', 'nullish', 'undefinedable', 'default', 'prefault']

const WRAPPERS = [...OPTIONAL, 'non_optional', 'readonly', 'catch', 'fallback']

/** What a schema of valibot or zod mini expects, as JSON Schema; one that is inside itself is anything there. */
export function describeParts(schema: unknown): object {
  const open = new Set<unknown>()
  let nodes = 0
  const describe = (node: unknown): object => {
    nodes += 1
    if (open.has(node) || nodes > MAX_NODES) return {}
    open.add(node)
    const base = describeType(partsIn(node), describe)
    open.delete(node)
    const [, ...actions] = listOf(memberOf(node, 'pipe'))
    return actions.length === 0 ? base : { ...base, allOf: rulesOf(actions, memberOf(base, 'type')) }
  }
  return describe(schema)
}

/** zod mini keeps them in `def`. */
function partsIn(schema: unknown): (...names: readonly string[]) => unknown {
  const def = memberOf(schema, 'def')
  return (...names) => {
    const found = names.map((name) => memberOf(schema, name) ?? memberOf(def, name))
    return found.find((part) => part !== undefined)
  }
}

type Part = ReturnType<typeof partsIn>

type Describe = (schema: unknown) => object

function describeType(part: Part, inner: Describe): object {
  const type = String(part('type'))
  if (SCALARS.includes(type)) return { type }
  if (WRAPPERS.includes(type)) return inner(part('wrapped', 'innerType'))
  if (type === 'nullable') return { anyOf: [inner(part('wrapped', 'innerType')), { type: 'null' }] }
  if (type === 'array') return { type, items: inner(part('item', 'element')) }
  if (type === 'literal') return { enum: listOf(part('values') ?? [part('literal')]) }
  if (type === 'picklist' || type === 'enum') {
    return { enum: listOf(part('options') ?? Object.values(part('entries') ?? {})) }
  }
  if (type === 'union' || type === 'variant') return { anyOf: listOf(part('options')).map(inner) }
  if (type === 'record') return { type: 'object', additionalProperties: inner(part('value', 'valueType')) }
  if (type === 'tuple') return { type: 'array', prefixItems: listOf(part('items')).map(inner) }
  return type.endsWith('object') ? describeObject(type, part('entries', 'shape') ?? {}, inner) : {}
}

function describeObject(type: string, entries: object, inner: Describe): object {
  const members = Object.keys(entries).map((name) => [name, memberOf(entries, name)] as const)
  const required = members.filter(([, member]) => !OPTIONAL.includes(String(partsIn(member)('type'))))
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, inner(member)])),
    required: required.map(([name]) => name),
    ...(type === 'strict_object' && { additionalProperties: false }),
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What the actions of valibot expect, up to the first that makes something else of the value. */
function rulesOf(actions: readonly unknown[], type: unknown): readonly object[] {
  const end = actions.findIndex(
    (action) => !['validation', 'metadata'].includes(String(memberOf(action, 'kind'))),
  )
  const checks = end < 0 ? actions : actions.slice(0, end)
  return checks.map((action) =>
    ruleOf(String(memberOf(action, 'type')), memberOf(action, 'requirement'), type),
  )
}

const BOUNDS: Readonly<Record<string, string>> = {
  min_value: 'minimum',
  max_value: 'maximum',
  gt_value: 'exclusiveMinimum',
  lt_value: 'exclusiveMaximum',
  multiple_of: 'multipleOf',
}

const FORMATS = ['email', 'url', 'uuid', 'ipv4', 'ipv6']

function ruleOf(action: string, requirement: unknown, type: unknown): object {
  const bound = BOUNDS[action]
  if (bound !== undefined && type === 'number' && typeof requirement === 'number')
    return { [bound]: requirement }
  if (FORMATS.includes(action)) return { format: action }
  if (action === 'integer') return { type: 'integer' }
  if (action === 'regex' && requirement instanceof RegExp && /^u?$/.test(requirement.flags)) {
    return { pattern: requirement.source }
  }
  const what = type === 'array' ? 'Items' : 'Length'
  if (action === 'non_empty') return { [`min${what}`]: 1 }
  if (typeof requirement !== 'number') return {}
  return {
    ...(['min_length', 'length'].includes(action) && { [`min${what}`]: requirement }),
    ...(['max_length', 'length'].includes(action) && { [`max${what}`]: requirement }),
  }
}
