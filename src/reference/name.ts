/**
 * Names of secrets and parameters: which can exist, and which two are one. Pure.
 *
 * @module
 */
import { describeForbidden, example, refusal } from './refusal.js'

// CreateSecret: 1–512 characters of `[A-Za-z0-9/_+=.@-]`; secrets that AWS itself manages add `!` (`rds!db-…`).
const MAX_SECRET_NAME_LENGTH = 512
const NOT_IN_SECRET_NAME = /[^A-Za-z0-9/_+=.@!-]/

// PutParameter: 1011 characters, 15 levels.
const MAX_PARAMETER_NAME_LENGTH = 1011
const MAX_PARAMETER_LEVELS = 15
const NOT_IN_PARAMETER_NAME = /[^A-Za-z0-9_./-]/

/** Parameter Store User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store parameters". */
const SECRET_THROUGH_PARAMETER_STORE = '/aws/reference/secretsmanager/'

const NOT_THE_VALUE = 'Pass the name that the value is stored under, never the value'

/**
 * Refuses what cannot be a secret's name: `prod/db`, `rds!db-1234` and `a+b=c@d.e` can.
 *
 * A name that ends like an ARN's suffix (`MySecret-abcdef`) is a name like any other.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when empty, longer than 512 characters or with a character
 * other than letters, digits and `/_+=.@!-` (API reference, CreateSecret).
 */
export function checkSecretName(subject: string, name: string): void {
  if (name === '')
    throw refusal(subject, 'the name of the secret is empty', 'Write a name, such as `prod/db`.')
  if (name.length > MAX_SECRET_NAME_LENGTH) {
    const what = `the name of the secret has ${name.length} characters, more than ${MAX_SECRET_NAME_LENGTH}`
    throw refusal(subject, what, `${NOT_THE_VALUE}, such as \`prod/db\`.`)
  }
  checkSecretNameCharacters(subject, name)
}

/**
 * The part of {@link checkSecretName} that also holds for the name in an ARN, whose suffix makes it longer.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when a character is not allowed.
 */
export function checkSecretNameCharacters(subject: string, name: string): void {
  const forbidden = describeForbidden('secret name', name, NOT_IN_SECRET_NAME)
  if (forbidden === undefined) return
  const hint = `${NOT_THE_VALUE}: letters, digits and the characters /_+=.@!- as in \`prod/db\`.`
  throw refusal(subject, forbidden, hint)
}

/**
 * Refuses what cannot be a parameter's name: `/prod/db/host`, `/X` and `X` can, and so can public parameters
 * (`/aws/service/…`). After `/aws/reference/secretsmanager/` the rules of a secret's name apply.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when empty, longer than 1011 characters, of more than 15
 * levels, with a character other than letters, digits and `_./-`, with an empty level, with a `/` at the end,
 * or with a `/` inside but none in front (API reference, PutParameter).
 */
export function checkParameterName(subject: string, name: string): void {
  if (isSecretThroughParameterStore(name)) {
    checkSecretName(subject, name.slice(SECRET_THROUGH_PARAMETER_STORE.length))
    return
  }
  if (name === '' || name === '/') {
    throw refusal(subject, 'the name of the parameter is empty', 'Write a name, such as `ssm:/prod/db/host`.')
  }
  if (name.length > MAX_PARAMETER_NAME_LENGTH) {
    const what = `the name of the parameter has ${name.length} characters, more than ${MAX_PARAMETER_NAME_LENGTH}`
    throw refusal(subject, what, `${NOT_THE_VALUE}, such as \`ssm:/prod/db/host\`.`)
  }
  const forbidden = describeForbidden('parameter name', name, NOT_IN_PARAMETER_NAME)
  if (forbidden !== undefined) {
    const hint = `${NOT_THE_VALUE}: letters, digits and the characters _.-/ as in \`ssm:/prod/db/host\`.`
    throw refusal(subject, forbidden, hint)
  }
  checkLevels(subject, name)
}

function checkLevels(subject: string, name: string): void {
  const levels = name.split('/').filter((level) => level !== '')
  if (levels.length > MAX_PARAMETER_LEVELS) {
    const what = `the name of the parameter has ${levels.length} levels, more than ${MAX_PARAMETER_LEVELS}`
    throw refusal(subject, what, 'Write a name such as `ssm:/prod/db/host`.')
  }
  const corrected = levels.length === 0 ? '/prod/db/host' : `/${levels.join('/')}`
  const hint = `Write ${example(subject, `ssm:${corrected}`, 'ssm:/prod/db/host')}.`
  if (name.endsWith('/')) throw refusal(subject, 'the name of a parameter does not end with "/"', hint)
  if (name.includes('//')) throw refusal(subject, 'the name of the parameter has an empty level ("//")', hint)
  if (name.includes('/') && !name.startsWith('/')) {
    throw refusal(subject, 'the name of a parameter that has levels starts with "/"', hint)
  }
}

/** Whether the parameter stands for a secret: `/aws/reference/secretsmanager/<secret name>`. */
export function isSecretThroughParameterStore(name: string): boolean {
  return name.startsWith(SECRET_THROUGH_PARAMETER_STORE)
}

/** The one spelling of a parameter's name: with a `/` in front. */
export function canonicalParameterName(name: string): string {
  return name.startsWith('/') ? name : `/${name}`
}

/** Whether two names, such as the one asked for and the one in the answer, are one parameter: `/X` is `X`. */
export function sameParameterName(a: string, b: string): boolean {
  return canonicalParameterName(a) === canonicalParameterName(b)
}
