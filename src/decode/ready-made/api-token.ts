/**
 * A ready-made schema for the token of an API, however it is stored.
 *
 * @module
 */

import { commonValue, namesThat, open } from './spelling.js'
import { type Answer, type ReadyMadeSchema, readyMade, refused } from './schema.js'

const ONE_LINE = { type: 'string', minLength: 1 }

/** Spellings that are shown in refusals; every other one is accepted as well. */
const USUAL = ['token', 'apiToken', 'api_token', 'accessToken', 'access_token', 'apiKey', 'api_key']

/**
 * Accepts the token of an API, and gives it as text without the white space around it. It may be stored as bare
 * text, or as a JSON object with one member whose name ends in `token` or `apiKey` in any spelling, such as
 * `GITHUB_TOKEN`; where there are several, read the one that is meant with a `#field`.
 */
export const apiToken: ReadyMadeSchema<string> = readyMade<string>({
  as: 'text',
  check: readToken,
  input: {
    anyOf: [
      ONE_LINE,
      { type: 'object', properties: Object.fromEntries(USUAL.map((name) => [name, ONE_LINE])) },
    ],
  },
  output: ONE_LINE,
})

function readToken(value: unknown): Answer<string> {
  const opened = open(value)
  if (opened.refusals !== undefined) return opened
  const { stored } = opened.value
  if (stored === undefined) return tokenOf(opened.value.bare, [])
  const names = namesThat(stored, (name) => /(?:token|apikey)$/.test(name))
  if (names.length === 0)
    return refused('has no member whose name ends in "token" or "apiKey", or it is empty')
  const common = commonValue(stored, names)
  if (common === undefined) return refused('has several tokens; read one of them with a #field')
  return tokenOf(common.value, names.slice(0, 1))
}

function tokenOf(value: unknown, path: readonly string[]): Answer<string> {
  if (typeof value !== 'string') return refused('must be text', path)
  const token = value.trim()
  if (token === '') return refused('must not be empty', path)
  // A token ends up in a header, which a line break would end.
  return /\p{Cc}/u.test(token)
    ? refused('must be one line without control characters', path)
    : { value: token }
}
