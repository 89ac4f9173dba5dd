/**
 * What ECS task definitions write behind a secret's ARN in `valueFrom`:
 * `arn:…:secret:name-AbCdEf:json-key:version-stage:version-id`. Pure.
 *
 * @module
 */
import { pathOfJsonKey } from './field.js'
import { example, refusal } from './refusal.js'
import {
  looksLikeVersionId,
  NO_SECRET_SELECTOR,
  positionalSelector,
  type SecretSelector,
} from './selector.js'

/** What the parts behind the ARN say. */
export interface EcsSelection {
  readonly selector: SecretSelector
  /** Key of the JSON value as a path, or `undefined` for the whole value. */
  readonly path: readonly string[] | undefined
}

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const EXAMPLE = `${ARN}:password:AWSPREVIOUS:`
const FIELD_EXAMPLE = `${ARN}#password`

/**
 * Reads the parts behind the ARN: none, or `json-key`, `version-stage` and `version-id`, where an empty part
 * selects nothing: `…::AWSPREVIOUS:`, `…:password::`, `…:::`. A key stands for itself, a leading `/` included.
 *
 * @param extras - One part for each `:` behind the ARN.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when there are one, two or more than three parts (ECS developer
 * guide: all colons are kept once any is used), when a stage and an id are both given, or when either cannot be.
 */
export function readEcsParts(subject: string, arn: string, extras: readonly string[]): EcsSelection {
  if (extras.length === 0) return { selector: NO_SECRET_SELECTOR, path: undefined }
  const [key = '', stage = '', id = ''] = extras
  if (extras.length > 3) {
    const what = 'more than a JSON key, a version stage and a version id follow the ARN'
    throw refusal(subject, what, `Write three parts, as in \`${EXAMPLE}\`.`)
  }
  if (extras.length < 3) throw missingColons(subject, arn, extras)
  return {
    selector: positionalSelector(subject, stage, id),
    path: key === '' ? undefined : pathOfJsonKey(subject, key),
  }
}

function missingColons(subject: string, arn: string, [first = '', second]: readonly string[]) {
  const what = 'behind an ARN all three colons are needed, for JSON key, version stage and version id'
  const selector = second ?? first
  if (selector.includes('/')) return refusal(subject, what, `Write three parts, as in \`${EXAMPLE}\`.`)
  const key = second === undefined ? '' : first
  const corrected = looksLikeVersionId(selector) ? `${arn}:${key}::${selector}` : `${arn}:${key}:${selector}:`
  const hint = `Write ${example(subject, corrected, EXAMPLE)}`
  if (second !== undefined || first === '') return refusal(subject, what, `${hint}.`)
  return refusal(
    subject,
    what,
    `${hint}, or ${example(subject, `${arn}#${first}`, FIELD_EXAMPLE)} for a field.`,
  )
}
