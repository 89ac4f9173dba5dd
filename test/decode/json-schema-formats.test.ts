import { describe, expect, test } from 'vitest'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { decodeWith, failureOf } from './decode-with.js'

const read = (text: string, format: string) =>
  decodeWith(text, { as: 'text', schema: { type: 'string', format } })

/** What each format accepts and refuses; those that are checked, and there are no others. */
const CHECKED: readonly [string, string[], string[]][] = [
  ['date', ['2024-02-29', '1999-12-31'], ['2023-02-29', '2024-13-01', '24-1-1']],
  ['time', ['23:59:59Z', '12:00:00.5+02:00', '23:59:60Z'], ['24:00:00Z', '12:00:00', '12:60:00Z']],
  [
    'date-time',
    ['2024-02-29T12:00:00Z', '2024-02-29t12:00:00.25+01:00'],
    ['2024-02-29', '2024-02-30T12:00:00Z'],
  ],
  ['duration', ['P1Y2M3DT4H5M6S', 'P2W', 'PT1S'], ['P', '1Y', 'P1W2D', 'PT']],
  [
    'email',
    ['joe@example.com', '"a b"@example.com', 'a@[127.0.0.1]'],
    ['joe', '.a@example.com', 'a@b@c', 'a@'],
  ],
  ['hostname', ['db.example.com', 'a', 'x-1.y'], ['-a.com', 'a..b', 'a_b', `${'a'.repeat(64)}.com`]],
  ['ipv4', ['127.0.0.1', '255.255.255.255'], ['256.0.0.1', '1.2.3', '1.2.3.4.5']],
  ['ipv6', ['::1', '2001:db8::8a2e:370:7334', '::ffff:1.2.3.4'], [':::1', '12345::', '1.2.3.4']],
  ['uuid', ['2eb8aa08-aa98-11ea-b4aa-73b441d16380'], ['2eb8aa08aa9811eab4aa73b441d16380', '2eb8aa08-aa98']],
  [
    'uri',
    ['https://example.com/a?b#c', 'urn:isbn:0451450523', 'mailto:a@b.c'],
    ['example.com', '/a/b', 'http://a b'],
  ],
  ['uri-reference', ['/a/b', '#c', 'https://example.com'], ['\\\\server', 'a b', 'http://[']],
  ['uri-template', ['https://x/{id}{?q*}', '/a'], ['/{', '/{id', '{=a b}']],
  [
    'url',
    ['https://user:p%40ss@example.com:8443/a', 'HTTP://a', 'ftp://10.0.0.1/x'],
    ['example.com', 'urn:a:b', 'https://', 'https:///a'],
  ],
  ['json-pointer', ['', '/a/b~1c/0'], ['a', '/~2', '#/a']],
  ['json-pointer-uri-fragment', ['#', '#/a%25'], ['/a', '#a']],
  ['relative-json-pointer', ['0', '1/a', '2#'], ['-1', '01/a', '/a']],
  ['regex', ['^[a-z]+$', ''], ['(', '[', 'a{2,1}']],
]

describe('formats that are checked', () => {
  test.each(CHECKED)('%s', async (format, accepted, refused) => {
    for (const text of accepted) await expect(read(text, format), text).resolves.toBe(text)
    for (const text of refused) {
      const error = await failureOf(read(text, format))
      expect(error.message, text).toContain('the value does not match its schema: (root) breaks ')
    }
  })

  test.each(CHECKED)('%s is what the refusal says, and not the value', async (format) => {
    const error = await failureOf(read(`${NEEDLE}\n(`, format))
    expect(error.message).toContain(`breaks "format": "${format === 'url' ? 'uri' : format}"`)
    expectNoNeedle(error, NEEDLE)
  })

  test('say nothing of what is no text', async () => {
    await expect(decodeWith('7', { as: 'json', schema: { format: 'email' } })).resolves.toBe(7)
  })

  test('beside other choices, url keeps them', async () => {
    const schema = { format: 'url', allOf: [{ maxLength: 12 }] } as const
    await expect(decodeWith('https://a.b', { schema })).resolves.toBe('https://a.b')
    const error = await failureOf(decodeWith('https://example.com', { schema }))
    expect(error.message).toContain('(root) breaks "maxLength": 12')
  })
})

test.each(['idn-email', 'idn-hostname', 'iri', 'iri-reference', 'int32', 'password', 'base64', 'jwt'])(
  '%s is known and describes only',
  async (format) => {
    await expect(read('anything', format)).resolves.toBe('anything')
  },
)

describe('no format takes long', () => {
  const SIZE = 65_536
  const PREFIXES = [
    '',
    'http://',
    'http://a@',
    'a:',
    'a@',
    '"',
    'P',
    '/',
    '#/',
    '{',
    '2024-01-01T00:00:00.',
    '[',
    '(',
  ]
  const REPEATED = [
    'a',
    '1',
    '-',
    'a-',
    'a.',
    '.',
    '/',
    '~',
    '%41',
    ':',
    '0:0:',
    '{a}',
    '{a,',
    '\\a',
    'P1Y',
    '1Y',
    'é',
    '(a',
    '@',
  ]
  const ENDINGS = ['!', '\n', '{']

  test.each(CHECKED.map(([format]) => format))(
    '%s of 64 KiB',
    async (format) => {
      for (const prefix of PREFIXES) {
        for (const repeated of REPEATED) {
          const body = repeated.repeat(SIZE / repeated.length)
          for (const ending of ENDINGS) {
            const before = process.cpuUsage()
            await read(`${prefix}${body}${ending}`, format).catch(() => undefined)
            // Of the processor: on the clock of the wall, a machine that has something else to do takes as long.
            const { user, system } = process.cpuUsage(before)
            expect((user + system) / 1_000, `${prefix}${repeated}…${ending}`).toBeLessThan(2_000)
          }
        }
      }
    },
    60_000,
  )
})
