/**
 * The filters of ListSecrets and BatchGetSecretValue.
 *
 * @module
 */
import { invalid } from '../input.js'
import type { Call } from '../operation.js'
import type { Secret } from './secret.js'

const KEYS = [
  'description',
  'name',
  'tag-key',
  'tag-value',
  'primary-region',
  'owning-service',
  'all',
] as const
type FilterKey = (typeof KEYS)[number]

/** Source: the service model, `FilterValueStringType`. */
const VALUE = /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/
const MAX_VALUE_LENGTH = 512

/** What each key looks at; a region or owning service of a local secret there is none. */
const LOOKS_AT: Record<FilterKey, (secret: Secret) => readonly string[]> = {
  description: ({ details }) => [details.description ?? ''],
  name: ({ name }) => [name],
  'tag-key': ({ tags }) => [...tags.keys()],
  'tag-value': ({ tags }) => [...tags.values()],
  'primary-region': () => [],
  'owning-service': () => [],
  all: ({ name, details, tags }) => [name, details.description ?? '', ...tags.keys(), ...tags.values()],
}

/** Source: ListSecrets, Secrets Manager API Reference: these two are not case-sensitive. */
const IGNORES_CASE: ReadonlySet<FilterKey> = new Set(['description', 'all'])

/** The secrets that pass every filter of the request, those scheduled for deletion only if it asks for them. */
export function selectSecrets({ input, secrets, nowMs }: Call): Secret[] {
  const tests = input.structures('Filters', { max: 10 }).map((filter) => {
    const key = filter.choice('Key', KEYS) ?? 'all'
    const values = filter.requiredTexts('Values', { min: 1, max: 10 })
    for (const value of values) checkValue(value)
    return (secret: Secret) => values.some((value) => passes(secret, key, value))
  })
  const withDeleted = input.flag('IncludePlannedDeletion')
  return secrets
    .all(nowMs)
    .filter(({ details }) => withDeleted || details.deletedAtMs === undefined)
    .filter((secret) => tests.every((test) => test(secret)))
}

/** All keys match by prefix, and a leading `!` turns the match round. */
function passes(secret: Secret, key: FilterKey, value: string): boolean {
  const isNegated = value.startsWith('!')
  const fold = (text: string) => (IGNORES_CASE.has(key) ? text.toLowerCase() : text)
  const prefix = fold(isNegated ? value.slice(1) : value)
  const isMatch = LOOKS_AT[key](secret).some((text) => fold(text).startsWith(prefix))
  return isMatch !== isNegated
}

function checkValue(value: string): void {
  if (!VALUE.test(value))
    throw invalid('Values', value, `Member must satisfy regular expression pattern: ${VALUE.source}`)
  if (value.length <= MAX_VALUE_LENGTH) return
  throw invalid('Values', value, `Member must have length less than or equal to ${MAX_VALUE_LENGTH}`)
}
