/**
 * References to what takes several requests to read: all parameters below a path, and a value that is split over
 * several secrets or parameters. Pure.
 *
 * @module
 */

import { canonicalParameterName, checkParameterName, isSecretThroughParameterStore } from './name.js'
import { parseReference } from './parse.js'
import type { ParameterReference, Reference } from './reference.js'
import { refusal } from './refusal.js'

const TREE_HINT = 'Write a path, such as `ssm:/prod/app`.'

/**
 * The reference of all parameters below `path`: `ssm:/prod/app/`, `ssm:/prod/app`, and both without the prefix,
 * are one. It ends with `/`, as no parameter's own does; `/` alone is every parameter.
 *
 * @throws TypeError for anything but a string.
 * @throws SecretsError `ERR_REFERENCE_INVALID` for what cannot be a path, and for a selector or a field behind it.
 */
export function parseTree(path: string): ParameterReference {
  const given: unknown = path
  if (typeof given !== 'string') throw new TypeError(`path must be a string, got ${typeof given}`)
  const text = given.startsWith('ssm:') ? given.slice('ssm:'.length) : given
  if (given.startsWith('secretsmanager:') || given.startsWith('arn:')) {
    throw refusal(given, 'a tree is named by its path in Parameter Store', TREE_HINT)
  }
  if (!text.startsWith('/')) throw refusal(given, 'a path of parameters starts with "/"', TREE_HINT)
  if (/[:#]/.test(text)) {
    throw refusal(given, 'a path takes no version, label or field', TREE_HINT)
  }
  const bare = text.endsWith('/') ? text.slice(0, -1) : text
  // Whatever holds for the name of a parameter holds for the path above it.
  if (bare !== '') checkPath(given, bare)
  const key = `ssm:${bare}/`
  const reference = { service: 'ssm', name: `${bare}/`, ref: key, key } as const
  Object.setPrototypeOf(reference, null)
  return Object.freeze(reference)
}

function checkPath(given: string, bare: string): void {
  if (bare.endsWith('/')) throw refusal(given, 'the path has an empty level ("//")', TREE_HINT)
  if (isSecretThroughParameterStore(`${bare}/`)) {
    throw refusal(given, 'Parameter Store has no paths of secrets', 'Read the secrets by their own names.')
  }
  checkParameterName(given, bare)
}

/** Whether the reference is that of all parameters below a path. */
export function isTree({ service, name }: Reference): boolean {
  // The name of a secret may end with `/`, also where it is read through Parameter Store.
  return service === 'ssm' && name?.endsWith('/') === true && !isSecretThroughParameterStore(name)
}

/** Behind the key of a value in parts; with spaces, which no other key has. */
const IN_PARTS = ' in parts'

/**
 * The reference of a value that is split: `reference` is that of its first part.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` where it selects one version by id or number: that of the other parts
 * is another one.
 */
export function inParts(reference: Reference): Reference {
  const { ref } = reference
  if (isOneVersion(reference)) {
    const hint = 'Select by version stage or label, which can be on the same generation of every part.'
    throw refusal(ref, 'a value in parts has no version id or number of its own', hint)
  }
  const whole = { ...reference, key: `${reference.key}${IN_PARTS}` }
  Object.setPrototypeOf(whole, null)
  return Object.freeze(whole)
}

function isOneVersion(reference: Reference): boolean {
  return (reference.service === 'ssm' ? reference.version : reference.versionId) !== undefined
}

/** Whether a text is the path of a tree, told by the `/` at its end: `ssm:/prod/app/`. */
export function isTreePath(ref: unknown): ref is string {
  if (typeof ref !== 'string' || !ref.startsWith('ssm:/') || !ref.endsWith('/')) return false
  return !isSecretThroughParameterStore(ref.slice('ssm:'.length))
}

/**
 * The references of everything that the item which `reference` names may be a part of: the value in parts of which it
 * is one, and the trees that it is in, or that are below it.
 */
export function composedOf(reference: Reference): readonly Reference[] {
  if (isTree(reference) || isInParts(reference)) return []
  return [...wholesOf(reference), ...treesOf(reference)]
}

function wholesOf(reference: Reference): readonly Reference[] {
  if (isOneVersion(reference)) return []
  const { name, service } = reference
  const [, first] = /^(.+)\.part[0-9]{1,2}$/.exec(name ?? '') ?? []
  const whole = inParts(reference)
  return first === undefined ? [whole] : [whole, inParts(parseReference({ service, name: first }))]
}

function treesOf({ service, name, arn }: Reference): readonly Reference[] {
  if (service !== 'ssm') return []
  const whole = canonicalParameterName(
    name ?? arn?.slice(arn.indexOf(':parameter/') + ':parameter'.length) ?? '',
  )
  if (isSecretThroughParameterStore(whole)) return []
  const levels = whole.split('/').slice(1)
  return ['', ...levels].map((_level, depth) => parseTree(`/${levels.slice(0, depth).join('/')}`))
}

/** Whether the reference is that of a value that is split. */
export function isInParts({ key }: Reference): boolean {
  return key.endsWith(IN_PARTS)
}

/**
 * The reference of one part: the name of the first with `.part2`, `.part3` and so on behind it.
 *
 * @param position - counted from 1
 * @param firstName - the name of the first part, as the service reported it; needed for the ARN of a secret, which
 *   ends with characters of its own
 */
export function partOf(whole: Reference, position: number, firstName: string | undefined): Reference {
  const suffix = position === 1 ? '' : `.part${position}`
  const { service } = whole
  const selector = service === 'ssm' ? { label: whole.label } : { versionStage: whole.versionStage }
  if (whole.arn === undefined)
    return parseReference({ service, name: `${whole.name ?? ''}${suffix}`, ...selector })
  return parseReference({ service, arn: arnOfPart(whole.arn, suffix, service, firstName), ...selector })
}

function arnOfPart(arn: string, suffix: string, service: string, firstName: string | undefined): string {
  if (suffix === '') return arn
  if (service === 'ssm' || firstName === undefined) return `${arn}${suffix}`
  const resource = ':secret:'
  return `${arn.slice(0, arn.indexOf(resource) + resource.length)}${firstName}${suffix}`
}

/** The reference that a key is of: of a value in parts, that of its first part. */
export function refOfKey(key: string): string {
  return key.endsWith(IN_PARTS) ? key.slice(0, -IN_PARTS.length) : key
}
