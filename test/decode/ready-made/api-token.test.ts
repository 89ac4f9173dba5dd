import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiToken } from '../../../src/decode/ready-made/api-token.js'
import { NEEDLE, expectNoNeedle, textsOf } from '../../support/needle.js'
import { failureOf } from '../decode-with.js'
import { answerOf, failureOfRead, read } from './checking.js'

const TOKEN = 'ghp_EXAMPLE-token'

describe('apiToken', () => {
  test.each<[string, string]>([
    ['bare text', TOKEN],
    ['bare text with a final line break', `${TOKEN}\r\n`],
    ['bare text with a byte order mark', `\uFEFF${TOKEN}`],
    ['JSON text', JSON.stringify(TOKEN)],
    ['token', JSON.stringify({ token: TOKEN })],
    ['apiKey', JSON.stringify({ apiKey: TOKEN })],
    ['api_key', JSON.stringify({ api_key: TOKEN })],
    ['API-KEY', JSON.stringify({ 'API-KEY': TOKEN })],
    ['a name of its own', JSON.stringify({ GITHUB_TOKEN: ` ${TOKEN}\n` })],
    ['a token among others', JSON.stringify({ url: 'https://x', accessToken: TOKEN, clientId: 'c', n: 1 })],
    ['the same token under two names', JSON.stringify({ token: TOKEN, apiKey: TOKEN })],
    ['a token beside a blank one', JSON.stringify({ token: TOKEN, refresh_token: '', old_token: null })],
  ])('reads %s', async (_title, stored) => {
    await expect(read(stored, { as: 'text', schema: apiToken })).resolves.toBe(TOKEN)
  })

  test.each<[string, string, string]>([
    ['digits', '0123456789', '0123456789'],
    ['text with a bracket that is no JSON', '[ghp_EXAMPLE', '[ghp_EXAMPLE'],
    ['a word of JSON in JSON text', JSON.stringify('null'), 'null'],
  ])('takes %s for a token', async (_title, stored, token) => {
    await expect(read(stored, { schema: apiToken })).resolves.toBe(token)
  })

  test('reads a field that is text or an object', async () => {
    const stored = JSON.stringify({ github: TOKEN, stripe: { apiKey: TOKEN } })
    for (const field of ['github', 'stripe']) {
      await expect(read(stored, { as: 'text', schema: apiToken }, `prod/db#${field}`)).resolves.toBe(TOKEN)
    }
  })

  test.each(['["abc"]', 'null', 'false'])('refuses a field that holds %s', async (field) => {
    const error = await failureOf(read(`{"token":${field}}`, { schema: apiToken }, 'prod/db#token'))
    expect(error.message).toMatch(/must be (?:text or )?a JSON object/)
  })

  test('reads parsed JSON, too', async () => {
    await expect(read(JSON.stringify({ token: TOKEN }), { as: 'json', schema: apiToken })).resolves.toBe(
      TOKEN,
    )
  })

  test('gives any other text back without the white space around it', async () => {
    const tokens = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/^\s*["{[]|\p{Cc}/u.test(s))
    await fc.assert(
      fc.asyncProperty(
        tokens.filter((s) => s.trim() !== ''),
        async (token) => {
          await expect(answerOf(apiToken, token)).resolves.toBe(token.trim())
          await expect(answerOf(apiToken, { token })).resolves.toBe(token.trim())
        },
      ),
    )
  })

  test.each<[string, unknown, string]>([
    ['empty text', '', '/ must not be empty'],
    ['white space', ' \n', '/ must not be empty'],
    ['several lines', 'a\nb', '/ must be one line without control characters'],
    ['a control character', 'a\u0000b', '/ must be one line without control characters'],
    ['broken JSON', '{"token":', '/ begins like JSON, and is not JSON that is safe to read'],
    [
      'JSON with a poisonous key',
      '{"__proto__":{}}',
      '/ begins like JSON, and is not JSON that is safe to read',
    ],
    ['a number', 1, '/ must be text or a JSON object'],
    ['nothing', undefined, '/ must be text or a JSON object'],
    ['an array', ['a'], '/ must be a JSON object'],
    ['the text of an array', '["abc"]', '/ must be a JSON object'],
    ['the text of nothing', ' null\n', '/ must be a JSON object'],
    ['the text of a flag', 'true', '/ must be text or a JSON object'],
    ['no token', { user: 'a' }, '/ has no member whose name ends in "token" or "apiKey", or it is empty'],
    [
      'a blank token',
      { token: '' },
      '/ has no member whose name ends in "token" or "apiKey", or it is empty',
    ],
    ['a blank line', { token: ' ' }, '/token must not be empty'],
    ['a number for a token', { token: 1 }, '/token must be text'],
    ['two tokens', { token: 'a', apiKey: 'b' }, '/ has several tokens; read one of them with a #field'],
  ])('refuses %s', async (_title, value, refusal) => {
    await expect(answerOf(apiToken, value)).resolves.toEqual([refusal])
  })

  test.each<[string, unknown]>([
    ['several lines', `a\n${NEEDLE}`],
    ['broken JSON', `{"token":"${NEEDLE}`],
    ['two tokens', JSON.stringify({ token: NEEDLE, apiKey: `${NEEDLE}2` })],
    ['no token', JSON.stringify({ [NEEDLE]: NEEDLE })],
  ])('never shows the value of %s', async (_title, stored) => {
    const result = await apiToken['~standard'].validate(stored)
    expect(result.issues).not.toBeUndefined()
    expectNoNeedle(textsOf(result.issues), NEEDLE)
    const error = await failureOfRead(String(stored), { as: 'text', schema: apiToken })
    expect(error.code).toBe('ERR_SCHEMA')
    expectNoNeedle(error, NEEDLE)
  })

  test('never shows a name that is data', async () => {
    const stored = JSON.stringify({ [`${NEEDLE} token`]: 1 })
    const error = await failureOfRead(stored, { as: 'text', schema: apiToken })
    expect(error.message).toContain('/* ')
    expectNoNeedle(error, NEEDLE)
  })

  test('needs no `as`', async () => {
    await expect(read(TOKEN, { schema: apiToken })).resolves.toBe(TOKEN)
  })
})
