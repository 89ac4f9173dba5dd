import { inspect } from 'node:util'
import { expect } from 'vitest'
import { isSecretsError, type SecretsError } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import type { Reference } from '../../src/reference/reference.js'

/** `parseReference` as untyped JavaScript calls it. */
export const parseAnything = parseReference as (input: unknown) => Reference

/** What an action throws; fails when it throws nothing. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}

/** The error that refuses an input; fails when the input is accepted or another error is thrown. */
export function refusalOf(input: unknown): SecretsError {
  const error = thrownBy(() => parseAnything(input))
  if (isSecretsError(error, 'ERR_REFERENCE_INVALID')) return error
  throw error
}

/** The references that a hint offers between backticks, as a user would copy them. */
export function examplesIn(error: SecretsError): readonly unknown[] {
  const quoted = (error.hint ?? '').split('`').filter((_, index) => index % 2 === 1)
  return quoted.map((text) => (text.startsWith('{ ') ? objectIn(text) : text))
}

/** Everything of an error that could reach a log. */
export function everythingIn(error: Error): string {
  return [
    error.message,
    error.stack,
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
  ].join('\n')
}

/** An ARN of a secret with what follows its name. */
export const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`

/** An ARN of a parameter with what follows its name. */
export const parameterArn = (name: string) => `arn:aws:ssm:eu-west-1:123456789012:parameter/${name}`

/** A version id as AWS's documentation writes them. */
export const VERSION_ID = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'

function objectIn(text: string): unknown {
  return JSON.parse(text.replace(/([{,] )(\w+):/g, '$1"$2":').replaceAll("'", '"'))
}
