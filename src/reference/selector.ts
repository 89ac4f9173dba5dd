/**
 * Selectors: which version of a secret or parameter a reference asks for. Pure.
 *
 * @module
 */
import { isSecretThroughParameterStore } from './name.js'
import { describeForbidden, example, named, refusal } from './refusal.js'

/** What selects the version of a secret. Neither means `AWSCURRENT`. */
export interface SecretSelector {
  readonly versionId: string | undefined
  readonly versionStage: string | undefined
}

/** What selects the version of a parameter. Neither means the latest. */
export interface ParameterSelector {
  readonly version: number | undefined
  readonly label: string | undefined
}

/** The stage that the service reads when none is asked for. */
const DEFAULT_STAGE = 'AWSCURRENT'

/** No selector: the secret's `AWSCURRENT` version. */
export const NO_SECRET_SELECTOR: SecretSelector = Object.freeze({
  versionId: undefined,
  versionStage: undefined,
})

/** No selector: the parameter's latest version. */
export const NO_PARAMETER_SELECTOR: ParameterSelector = Object.freeze({
  version: undefined,
  label: undefined,
})

// A UUID, where AWS's own examples are not all hexadecimal (`EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE`); a bare hash;
// or the token that Terraform generates (`id.UniqueId`: a timestamp and a counter).
const VERSION_ID_SHAPES = [
  /^[A-Za-z0-9]{8}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{12}$/,
  /^[A-Fa-f0-9]{32,64}$/,
  /^terraform-[0-9]{18}[A-Fa-f0-9]{8}$/,
]

// GetSecretValue: VersionId has 32–64 characters, VersionStage 1–256; no pattern is documented for either.
const VERSION_ID_LENGTH = { min: 32, max: 64 }
const MAX_STAGE_LENGTH = 256
const NOT_IN_SELECTOR = /[\s:#\p{Cc}\p{Cf}\p{Cs}]/u

const EXAMPLE_VERSION_ID = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'

// LabelParameterVersion: 1–100 characters, the first no digit.
const LABEL = /^[A-Za-z._-][A-Za-z0-9._-]{0,99}$/
// Parameter Store's way to a secret takes a stage or a version id of these characters.
const LABEL_OF_SECRET = /^[A-Za-z0-9._-]{1,256}$/

/** Whether the text can only be meant as a version id: a UUID, 32–64 hexadecimal digits or Terraform's token. */
export function looksLikeVersionId(text: string): boolean {
  return VERSION_ID_SHAPES.some((shape) => shape.test(text))
}

/**
 * Checks the selectors of a secret and leaves `AWSCURRENT` out, which is what no selector means. Beside a
 * version id it stays, as the service is then asked whether the two agree.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when the id has not 32–64 characters or the stage not 1–256
 * (API reference, GetSecretValue), or either has whitespace, a control character, `:` or `#`.
 */
export function secretSelector(subject: string, { versionId, versionStage }: SecretSelector): SecretSelector {
  if (versionId !== undefined) checkVersionId(subject, versionId)
  if (versionStage !== undefined) checkVersionStage(subject, versionStage)
  const isDefault = versionStage === DEFAULT_STAGE && versionId === undefined
  return isDefault ? NO_SECRET_SELECTOR : { versionId, versionStage }
}

/**
 * The selector in a string, where it may stand alone and then its shape tells an id from a stage: `AWSPREVIOUS`
 * or `EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE`.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` as {@link secretSelector}, and when it is empty or has a `/`.
 */
export function secretSelectorOfText(subject: string, text: string): SecretSelector {
  if (text === '') {
    throw refusal(
      subject,
      'nothing follows the ":"',
      'Leave the ":" out, or select a version: `prod/db:AWSPREVIOUS`.',
    )
  }
  const isId = looksLikeVersionId(text)
  return positionalSelector(subject, isId ? '' : text, isId ? text : '')
}

/**
 * The selector in a string where the place tells a stage from an id, as in ECS; an empty place selects nothing.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` as {@link secretSelector}, and when either has a `/` or both
 * are given.
 */
export function positionalSelector(subject: string, stage: string, id: string): SecretSelector {
  if (stage !== '' && id !== '') {
    const both = `{ name: 'prod/db', versionStage: 'AWSPREVIOUS', versionId: '${EXAMPLE_VERSION_ID}' }`
    const hint = `Keep one, or pass an object: \`${both}\`.`
    throw refusal(subject, 'a string selects by version stage or by version id, not by both', hint)
  }
  if (stage.includes('/') || id.includes('/')) {
    const hint = "Pass an object: `{ name: 'prod/db', versionStage: 'team/blue' }`."
    throw refusal(subject, 'a version stage or id with "/" in it cannot be written in a string', hint)
  }
  return secretSelector(subject, {
    versionId: id === '' ? undefined : id,
    versionStage: stage === '' ? undefined : stage,
  })
}

function checkVersionId(subject: string, id: string): void {
  const hint = `Copy it from the console or the AWS CLI: \`prod/db:${EXAMPLE_VERSION_ID}\`.`
  if (id.length < VERSION_ID_LENGTH.min || id.length > VERSION_ID_LENGTH.max) {
    throw refusal(subject, `a version id has 32 to 64 characters, not ${id.length}`, hint)
  }
  const forbidden = describeForbidden('version id', id, NOT_IN_SELECTOR)
  if (forbidden !== undefined) throw refusal(subject, forbidden, hint)
}

function checkVersionStage(subject: string, stage: string): void {
  const hint = 'Write a stage such as `prod/db:AWSPREVIOUS`.'
  if (stage === '') throw refusal(subject, 'the version stage is empty', hint)
  if (stage.length > MAX_STAGE_LENGTH) {
    throw refusal(
      subject,
      `the version stage has ${stage.length} characters, more than ${MAX_STAGE_LENGTH}`,
      hint,
    )
  }
  const forbidden = describeForbidden('version stage', stage, NOT_IN_SELECTOR)
  if (forbidden !== undefined) throw refusal(subject, forbidden, hint)
}

/**
 * The selector of a parameter in a string: all digits are a version, anything else is a label. Behind
 * `/aws/reference/secretsmanager/` it is a version stage or id of the secret and kept as the label.
 *
 * @param name - Name of the parameter, with the leading `/`.
 * @throws SecretsError `ERR_REFERENCE_INVALID` as {@link parameterSelector}, and when a version has leading
 * zeros: a padded number is more likely a mistake than a version.
 */
export function parameterSelectorOfText(subject: string, name: string, text: string): ParameterSelector {
  if (text === '') {
    throw refusal(
      subject,
      'nothing follows the ":"',
      'Leave the ":" out, or select a version: `ssm:/prod/x:3`.',
    )
  }
  if (isSecretThroughParameterStore(name) || !/^[0-9]+$/.test(text)) {
    return parameterSelector(subject, name, { version: undefined, label: text })
  }
  if (/^0+[1-9]/.test(text)) {
    const corrected = `ssm:${name}:${text.replace(/^0+/, '')}`
    throw refusal(
      subject,
      'a version has no leading zeros',
      `Write ${example(subject, corrected, 'ssm:/prod/x:3')}.`,
    )
  }
  return parameterSelector(subject, name, { version: Number(text), label: undefined })
}

/**
 * Checks the selector of a parameter.
 *
 * @param name - Name of the parameter, with the leading `/`.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when a version and a label are given, when the version is no
 * integer of at least 1, or when the label has not 1–100 letters, digits and `._-` or starts with a digit
 * (API reference, LabelParameterVersion).
 */
export function parameterSelector(
  subject: string,
  name: string,
  selector: ParameterSelector,
): ParameterSelector {
  const { version, label } = selector
  if (version !== undefined && label !== undefined) {
    throw refusal(
      subject,
      'a version and a label exclude each other',
      'Keep one: `ssm:/prod/x:3` or `ssm:/prod/x:blue`.',
    )
  }
  if (version !== undefined) checkVersion(subject, name, version)
  if (label !== undefined) checkLabel(subject, name, label)
  return { version, label }
}

function checkVersion(subject: string, name: string, version: number): void {
  if (isSecretThroughParameterStore(name)) {
    const hint = 'Select by stage or version id: `ssm:/aws/reference/secretsmanager/prod/db:AWSPREVIOUS`.'
    throw refusal(subject, 'a secret that is read through Parameter Store has no version numbers', hint)
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw refusal(
      subject,
      'a version is an integer of at least 1',
      'Write the number alone: `ssm:/prod/x:3`.',
    )
  }
}

function checkLabel(subject: string, name: string, label: string): void {
  if ((isSecretThroughParameterStore(name) ? LABEL_OF_SECRET : LABEL).test(label)) return
  const rule = 'A label has 1 to 100 letters, digits and the characters ._- and does not start with a digit'
  throw refusal(subject, `${named(subject, 'label', label)} cannot exist`, `${rule}: \`ssm:/prod/x:blue\`.`)
}
