/**
 * Turns what users write as the address of a value into a {@link Reference}, or refuses it before anything is
 * sent. Pure: no I/O, no clock, nothing kept between calls.
 *
 * @module
 */
import { readArn } from './arn.js'
import { complete, MAX_REFERENCE_LENGTH, type Parts } from './canonical.js'
import { parseDynamic } from './dynamic.js'
import { readEcsParts } from './ecs.js'
import { pathOfField } from './field.js'
import { canonicalParameterName, checkParameterName, checkSecretName } from './name.js'
import { parseObject, typeName } from './object.js'
import type { Reference, ReferenceInput, Service } from './reference.js'
import { example, named, refusal } from './refusal.js'
import {
  NO_PARAMETER_SELECTOR,
  NO_SECRET_SELECTOR,
  parameterSelectorOfText,
  positionalSelector,
  secretSelectorOfText,
} from './selector.js'

/** A string without its field: the item and its version, and the key that ECS's form may name. */
interface Address {
  readonly parts: Parts
  readonly path: readonly string[] | undefined
}

/**
 * The parsed address of one value, frozen, with its canonical string (`ref`) and its cache key (`key`).
 *
 * Accepted strings:
 * - `[service:]name[:selector][#field]`, where service is `secretsmanager` (also when left out) or `ssm`:
 *   `prod/db`, `prod/db:AWSPREVIOUS#password`, `prod/db#/hosts/0`, `ssm:/prod/x:3`, `ssm:/prod/x:blue`.
 *   The selector of a secret is a version id when it is shaped like one and a version stage otherwise;
 *   `name:stage:id`, with one of the two empty, says by the place which it is.
 * - ARNs of both services: `arn:…:secret:prod/db-AbCdEf#password`, `arn:…:parameter/prod/x:3`, and what ECS
 *   writes behind a secret's: `arn:…:secret:name-AbCdEf:json-key:version-stage:version-id`.
 * - CloudFormation's `{{resolve:secretsmanager:…}}`, `{{resolve:ssm:…}}` and `{{resolve:ssm-secure:…}}`.
 *
 * An object has the members of {@link ReferenceObject}, or is a parsed reference. Parsing `ref` again gives an equal reference, except
 * for what only an object can say: a stage with an id, a `/` in either, a field that ends with whitespace, and
 * a version of a secret that is named `arn`.
 *
 * @throws TypeError when the input is neither a string nor a plain object, or a member has a wrong type.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when the reference is impossible or ambiguous. The hint has a
 * correct example. The input is quoted only where it is short and reads like a reference.
 * @example
 * ```ts
 * const { service, name, field } = parseReference('ssm:/prod/db#password')
 * // 'ssm', '/prod/db', 'password'
 * ```
 */
export function parseReference(input: ReferenceInput): Reference {
  const given: unknown = input
  if (typeof given === 'string') return parseText(given)
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw new TypeError(`reference must be a string or a plain object, got ${typeName(given)}`)
  }
  return parseObject(given)
}

function parseText(text: string): Reference {
  checkWhole(text)
  if (text.startsWith('{{')) return parseDynamic(text)
  const hash = text.indexOf('#')
  const head = hash < 0 ? text : text.slice(0, hash)
  const address = addressOf(text, head)
  if (hash < 0) return complete(text, address.parts, address.path)
  if (address.path !== undefined) {
    const hint = 'Keep one: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf#password`.'
    throw refusal(text, 'the key is named twice, behind the ARN and behind "#"', hint)
  }
  return complete(text, address.parts, pathOfField(text, text.slice(hash + 1)))
}

function checkWhole(text: string): void {
  if (text === '')
    throw refusal(text, 'the reference is empty', 'Pass a name, such as `prod/db` or `ssm:/prod/x`.')
  if (text.length > MAX_REFERENCE_LENGTH) {
    const hint = 'Pass the name that the value is stored under, never the value: `prod/db`.'
    throw refusal(text, `a reference has at most ${MAX_REFERENCE_LENGTH} characters`, hint)
  }
  if (text !== text.trim()) {
    const hint =
      'Trim it, as in `prod/db`: a line break at the end often comes from a file or an environment variable.'
    throw refusal(text, 'the reference starts or ends with whitespace', hint)
  }
}

function addressOf(subject: string, head: string): Address {
  const prefix = /^(secretsmanager|ssm):/.exec(head)?.[1]
  const service = prefix === 'secretsmanager' || prefix === 'ssm' ? prefix : undefined
  const id = service === undefined ? head : head.slice(service.length + 1)
  if (id.startsWith('arn:')) return addressOfArn(subject, service, id)
  if (head.includes('://')) {
    const hint = 'Pass the name that the value is stored under: `prod/db` or `ssm:/prod/x`.'
    throw refusal(subject, 'a reference is no URL', hint)
  }
  if (service === 'ssm') return { parts: parameterOf(subject, id), path: undefined }
  const segments = id.split(':')
  if (service === undefined) checkNoOtherPrefix(subject, segments)
  return { parts: secretOf(subject, segments), path: undefined }
}

function addressOfArn(subject: string, claimed: Service | undefined, id: string): Address {
  const { service, arn, region, resourceName, extras } = readArn(subject, id)
  if (claimed !== undefined && claimed !== service) {
    const general = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
    const hint = `Leave the prefix out: ${example(subject, arn, general)}.`
    throw refusal(subject, `the prefix says ${claimed}, but the ARN is of ${service}`, hint)
  }
  if (service === 'secretsmanager') {
    const { selector, path } = readEcsParts(subject, arn, extras)
    return { parts: { service, name: undefined, arn, region, ...selector }, path }
  }
  const [selector, ...more] = extras
  if (more.length > 0) throw tooManyParts(subject)
  const selected =
    selector === undefined ? NO_PARAMETER_SELECTOR : parameterSelectorOfText(subject, resourceName, selector)
  return { parts: { service, name: undefined, arn, region, ...selected }, path: undefined }
}

function parameterOf(subject: string, id: string): Parts {
  const [name = '', selector, ...more] = id.split(':')
  if (more.length > 0) throw tooManyParts(subject)
  checkParameterName(subject, name)
  const selected =
    selector === undefined
      ? NO_PARAMETER_SELECTOR
      : parameterSelectorOfText(subject, canonicalParameterName(name), selector)
  return { service: 'ssm', name, arn: undefined, region: undefined, ...selected }
}

function tooManyParts(subject: string) {
  return refusal(subject, 'only one version or label may follow a parameter', 'Write `ssm:/prod/x:3`.')
}

function secretOf(subject: string, [name = '', ...selectors]: readonly string[]): Parts {
  checkSecretName(subject, name)
  const [first, second] = selectors
  const identity = { service: 'secretsmanager', name, arn: undefined, region: undefined } as const
  if (first === undefined) return { ...identity, ...NO_SECRET_SELECTOR }
  if (second === undefined) return { ...identity, ...secretSelectorOfText(subject, first) }
  if (selectors.length > 2 || (first === '' && second === '')) {
    const hint = 'Write one selector and put a key behind "#": `prod/db:AWSPREVIOUS#password`.'
    throw refusal(subject, 'a name is followed by one version id or version stage', hint)
  }
  return { ...identity, ...positionalSelector(subject, first, second) }
}

/** Refuses `sm:prod/db`, which would be version stage `prod/db` of a secret `sm`, and `SSM:x`. */
function checkNoOtherPrefix(subject: string, [prefix = '', ...rest]: readonly string[]): void {
  if (rest.length === 0 || !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(prefix)) return
  const isMiscased = /^(secretsmanager|ssm)$/i.test(prefix)
  if (!isMiscased && !rest.some((segment) => segment.includes('/'))) return
  const path = rest.find((segment) => segment.includes('/')) ?? rest[0] ?? ''
  const levels = path.split('/').filter((level) => level !== '')
  const isPlain =
    levels.length > 0 && levels.length <= 15 && levels.every((level) => /^[A-Za-z0-9_.-]+$/.test(level))
  const name = isPlain ? levels.join('/') : 'prod/db'
  const secret = example(subject, `secretsmanager:${name}`, 'secretsmanager:prod/db')
  const parameter = example(subject, `ssm:/${name}`, 'ssm:/prod/db')
  throw refusal(subject, named(subject, 'unknown service prefix', prefix), `Write ${secret} or ${parameter}.`)
}
