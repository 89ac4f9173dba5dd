/** What a value looks like in logs, computed in other ways than the library does. */

import { escape } from 'node:querystring'
import { inspect } from 'node:util'

/** Every form of a text that has to be masked. */
export function shapesOf(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1)
  return [
    text,
    json,
    JSON.stringify(JSON.stringify({ text })).slice('"{\\"text\\":\\"'.length, -'\\"}"'.length),
    inspect(text, { breakLength: Infinity, maxStringLength: null }).slice(1, -1),
    encodeURIComponent(text),
    escape(text),
    new URLSearchParams({ text }).toString().slice('text='.length),
    Object.assign(new URL('https://user@host'), { password: text }).password,
    encodeURIComponent(text).replaceAll(/%../g, (hex) => hex.toLowerCase()),
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64').replaceAll('=', ''),
    Buffer.from(text).toString('base64url'),
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('hex').toUpperCase(),
  ]
}
