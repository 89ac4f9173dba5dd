/**
 * A ready-made schema for SSH keys, which mends what storing them does to their line breaks.
 *
 * @module
 */

import { commonValue, namesThat, open, plainName } from './spelling.js'
import { type Member, type Reading, type Stored, optionalText, readObject, text } from './members.js'
import { type Answer, type ReadyMadeSchema, type Refusal, readyMade, refused } from './schema.js'

/** An SSH key. */
export interface SshKeyPair {
  /** The private key in PEM or OpenSSH form: lines end in `\n`, the last one too. */
  readonly privateKey: string
  /** The public key, where one is stored. */
  readonly publicKey?: string
  /** What the private key is encrypted with, where it is stored. */
  readonly passphrase?: string
}

/** How each member may be called, without case, hyphens and underscores. */
const SPELLINGS: readonly (readonly [keyof SshKeyPair, ReadonlySet<string>])[] = [
  ['privateKey', new Set(['privatekey', 'sshprivatekey', 'idrsa', 'idecdsa', 'ided25519'])],
  ['publicKey', new Set(['publickey', 'sshpublickey', 'idrsapub', 'idecdsapub', 'ided25519pub'])],
  ['passphrase', new Set(['passphrase', 'keypassphrase', 'privatekeypassphrase', 'sshpassphrase'])],
]

const READERS: readonly (readonly [string, Member<unknown>])[] = [
  ['privateKey', { ...text, read: readPrivateKey }],
  ['publicKey', { ...optionalText, read: readPublicKey }],
  ['passphrase', optionalText],
]

const PAIR = {
  type: 'object',
  properties: Object.fromEntries(READERS.map(([name, member]) => [name, member.output])),
  required: ['privateKey'],
}

/**
 * Accepts an SSH key: the private key as bare text, or a JSON object with `privateKey` and perhaps `publicKey`
 * and `passphrase`, in any spelling such as `PRIVATE_KEY`. Line breaks that were stored as `\n`, as `\r\n` or
 * as spaces come out right.
 */
export const sshKeyPair: ReadyMadeSchema<SshKeyPair> = readyMade<SshKeyPair>({
  as: 'text',
  check: readPair,
  input: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { ...PAIR, required: [] },
    ],
  },
  output: PAIR,
})

function readPair(value: unknown): Answer<SshKeyPair> {
  const opened = open(value)
  if (opened.refusals !== undefined) return opened
  const { stored } = opened.value
  if (stored === undefined) return readBareKey(opened.value.bare)
  const renamed = rename(stored)
  return renamed.refusals === undefined ? readObject<SshKeyPair>(READERS, renamed.value) : renamed
}

function readBareKey(bare: string): Answer<SshKeyPair> {
  const reading = readPrivateKey(bare)
  return 'value' in reading ? { value: Object.freeze({ privateKey: reading.value }) } : refused(reading.rule)
}

/** The members under our names. */
function rename(stored: Stored): Answer<Stored> {
  const refusals: Refusal[] = []
  const renamed = new Map([...stored].filter(([name]) => !isSpelling(plainName(name))))
  for (const [member, spellings] of SPELLINGS) {
    const names = namesThat(stored, (name) => spellings.has(name))
    const common = commonValue(stored, names)
    if (common !== undefined) renamed.set(member, common.value)
    else if (names.length > 0)
      refusals.push({ path: [member], rule: 'is there in two spellings that differ' })
  }
  return refusals.length > 0 ? { refusals } : { value: renamed }
}

function isSpelling(name: string): boolean {
  return SPELLINGS.some(([, spellings]) => spellings.has(name))
}

const BEGIN = /^-----BEGIN ((?:[A-Z0-9]+ ){0,3}PRIVATE KEY)-----/

const BASE64 = /^[a-z0-9+/=\s]*$/i

const WRAPPED_AT = /.{1,64}/g

function readPrivateKey(raw: unknown): Exclude<Reading<string>, undefined> {
  if (raw === undefined) return { rule: 'is missing' }
  if (typeof raw !== 'string') return { rule: 'must be text' }
  const key = withLineBreaks(raw).trim()
  if (key.startsWith('PuTTY-User-Key-File')) return { rule: 'is in the form of PuTTY; export it as OpenSSH' }
  const label = BEGIN.exec(key)?.[1]
  if (label === undefined) return { rule: 'must begin as a private key in PEM or OpenSSH form does' }
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const body = key.slice(begin.length, Math.max(begin.length, key.length - end.length))
  if (!key.endsWith(end) || body.trim() === '') {
    return { rule: 'must end as it begins, after the key itself; it may have been cut off' }
  }
  if (!body.includes('\n') && !BASE64.test(body))
    return { rule: 'has headers, and no line breaks after them' }
  return { value: `${[begin, ...linesOf(body), end].join('\n')}\n` }
}

/** Text with the line breaks that escapes stand for. */
function withLineBreaks(stored: string): string {
  const isEscaped = !/[\r\n]/.test(stored.trim())
  const unescaped = isEscaped ? stored.replaceAll('\\r', '').replaceAll('\\n', '\n') : stored
  return unescaped.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
}

/** The lines between the first and the last, made anew where the breaks have become spaces or were dropped. */
function linesOf(body: string): readonly string[] {
  if (!body.includes('\n')) return body.replace(/\s/g, '').match(WRAPPED_AT) ?? []
  return body
    .trim()
    .split('\n')
    .map((line) => line.trim())
}

function readPublicKey(raw: unknown): Reading<string> {
  const reading = optionalText.read(raw, new Map())
  if (reading === undefined || 'rule' in reading) return reading
  if (reading.value.includes('PRIVATE KEY-----')) return { rule: 'must not be a private key' }
  return { value: reading.value.trim() }
}
