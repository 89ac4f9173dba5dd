/**
 * Reads a page of `GetParametersByPath`. Each parameter must be below the path that was asked for. Pure.
 *
 * @module
 */

import type { ParameterReference } from '../reference/reference.js'
import { memberOf } from '../stored-value.js'
import { isFields, isOversize, isSameRegion, malformed, mismatch, optional, stringIn } from './answer.js'
import type { ParameterPage, TreeParameter } from './source.js'

/**
 * The parameters of an answer, which may be anything.
 *
 * @throws SecretsError `ERR_UNAVAILABLE` for an answer that is none, `ERR_RESPONSE_MISMATCH` for a parameter that
 * is not below the path, or of another region.
 */
export function parameterPageOf(
  path: ParameterReference,
  region: string | undefined,
  answer: unknown,
): ParameterPage {
  const found: unknown = isFields(answer) ? memberOf(answer, 'Parameters') : undefined
  if (!isFields(answer) || !Array.isArray(found)) throw malformed(path, 'no list of parameters', answer)
  const parameters = found.map((parameter) => treeParameterOf(path, region, parameter, answer))
  const nextToken = memberOf(answer, 'NextToken') ?? undefined
  // Taken for the last page, it would leave parameters out unnoticed.
  if (nextToken !== undefined && typeof nextToken !== 'string') {
    throw malformed(path, 'a token of the next page that is no text', answer)
  }
  // The last token of a list may be the empty string.
  return { parameters, ...(nextToken !== undefined && nextToken !== '' && { nextToken }) }
}

function treeParameterOf(
  path: ParameterReference,
  region: string | undefined,
  parameter: unknown,
  answer: unknown,
): TreeParameter {
  if (!isFields(parameter)) throw malformed(path, 'a parameter that is none', answer)
  const [name, text] = [stringIn(parameter, 'Name'), stringIn(parameter, 'Value')]
  if (name === undefined || text === undefined) {
    throw malformed(path, 'a parameter without a name or a value', answer)
  }
  if (isOversize(text)) throw malformed(path, 'a value of more than 1 MiB', answer)
  const below = path.name ?? ''
  if (!`/${name.replace(/^\//, '')}`.startsWith(below)) throw mismatch(path, 'path', answer)
  if (!isSameRegion(region, stringIn(parameter, 'ARN'))) throw mismatch(path, 'region', answer)
  const version = memberOf(parameter, 'Version')
  return {
    name,
    text,
    isList: memberOf(parameter, 'Type') === 'StringList',
    ...optional('version', typeof version === 'number' ? version : undefined),
  }
}
