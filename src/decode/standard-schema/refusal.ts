/**
 * Words what a Standard Schema refused. Where comes from its issues, the rule from what the schema says of
 * itself as JSON Schema, by which the value is checked again: messages quote the value, and are never looked at,
 * but for those of the ready-made schemas, which are our own.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isKnownFormat } from '../json-schema/formats.js'
import { type Find, type Finding, compileFindings } from '../json-schema/json-schema.js'
import { type Problem, declaredKeys, maskPath } from '../problems.js'
import { readyMadeAs } from '../ready-made/schema.js'
import { copySchema } from '../json-schema/copy.js'
import { describeParts, memberOf } from './described.js'

/** An issue, as far as it is looked at. */
type Issue = StandardSchemaV1.Issue

/** What a schema refused in `value`. */
export async function refusalsOf(
  schema: StandardSchemaV1,
  issues: readonly Issue[],
  value: unknown,
): Promise<readonly Problem[]> {
  const places = Array.from(issues, (issue) => ({ issue, path: Array.from(issue.path ?? [], keyOf) }))
  const described = describe(schema)
  const declared = declaredIn(schema, described)
  if (readyMadeAs(schema) !== undefined) {
    return places.map(({ issue, path }) => ({ path: maskPath(path, declared, value), rule: issue.message }))
  }
  const findings = byPath(await findingsIn(described, value))
  return places.flatMap(({ issue, path }) => {
    const found = explain(path, issue, findings)
    if (found.length === 0) return [{ path: maskPath(path, declared, value), rule: 'is refused' }]
    return found.map((finding) => ({ path: maskPath(finding.path, declared, value), rule: finding.rule }))
  })
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}

/** What the libraries are told: zod would otherwise throw for one type without an equivalent, such as a date. */
const CONVERSION = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } }

/** What a schema says of itself, as JSON that holds no more surprises. */
function describe(schema: StandardSchemaV1): object {
  const converter = memberOf(schema['~standard'], 'jsonSchema')
  const input = memberOf(converter, 'input')
  try {
    const described: unknown =
      typeof input === 'function' ? Reflect.apply(input, converter, [CONVERSION]) : undefined
    return withKnownFormats(isObject(described) ? described : describeParts(schema))
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Libraries write formats of their own. */
function withKnownFormats(described: object): object {
  const isUnknown = (key: string, value: unknown) =>
    key === 'format' && typeof value === 'string' && !isKnownFormat(value)
  return JSON.parse(JSON.stringify(described), (key, value: unknown) =>
    isUnknown(key, value) ? undefined : value,
  ) as object
}

/** A description that cannot be used finds nothing. */
async function findingsIn(described: object, value: unknown): Promise<readonly Finding[]> {
  if (value instanceof Uint8Array) return []
  try {
    const find: Find = await compileFindings(copySchema(described))
    return find(value)
  } catch {
    return []
  }
}

function byPath(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const found = new Map<string, Finding[]>()
  for (const finding of findings) {
    // Members too many are reported by their object, whose issue names them as data.
    const path = finding.keyword === 'false' ? finding.path.slice(0, -1) : finding.path
    const others = found.get(idOf(path))
    if (others === undefined) found.set(idOf(path), [finding])
    else others.push(finding)
  }
  return found
}

function idOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String))
}

/** Issues of zod that are not about the type: with a coercion it may be another than the description has. */
const NOT_OF_TYPE: ReadonlySet<unknown> = new Set([
  ...['too_small', 'too_big', 'invalid_format', 'not_multiple_of', 'custom'],
])

/** The rules that the value breaks where an issue is. */
function explain(
  path: readonly PropertyKey[],
  issue: Issue,
  findings: ReadonlyMap<string, readonly Finding[]>,
): readonly Finding[] {
  const isOfType = !NOT_OF_TYPE.has(memberOf(issue, 'code'))
  const here = (findings.get(idOf(path)) ?? []).filter(({ keyword }) => isOfType || keyword !== 'type')
  const causes = here.filter(({ isVerdict }) => !isVerdict)
  if (causes.length > 0) return causes
  const above = path.length === 0 ? [] : (findings.get(idOf(path.slice(0, -1))) ?? [])
  const absent = above.filter(
    ({ keyword, missing }) => keyword === 'required' && missing?.includes(String(path.at(-1))),
  )
  if (absent.length > 0) return absent
  return here.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
}

/** Keys that the schema declares: in its description, and in what it is made of. */
function declaredIn(schema: object, described: object): ReadonlySet<string> {
  return new Set([...declaredKeys(described), ...composedKeys(schema)])
}

/** Where valibot and zod mini keep the keys of an object. */
const KEY_MAPS = ['entries', 'shape']

/** Where they keep the schemas that another is made of. */
const PARTS = [
  ...['wrapped', 'item', 'items', 'rest', 'options', 'key', 'value', 'pipe', 'def', 'innerType', 'element'],
]

function composedKeys(schema: object): ReadonlySet<string> {
  const keys = new Set<string>()
  const pending: unknown[] = [schema]
  const seen = new Set<unknown>()
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    for (const name of KEY_MAPS) {
      for (const key of Object.keys(memberOf(node, name) ?? {})) {
        keys.add(key)
        pending.push(memberOf(memberOf(node, name), key))
      }
    }
    pending.push(...(Array.isArray(node) ? (node as unknown[]) : PARTS.map((part) => memberOf(node, part))))
  }
  return keys
}
