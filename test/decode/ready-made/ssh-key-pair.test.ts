import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sshKeyPair } from '../../../src/decode/ready-made/ssh-key-pair.js'
import { NEEDLE, expectNoNeedle, textsOf } from '../../support/needle.js'
import { answerOf, failureOfRead, read } from './checking.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 1024,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const ENCRYPTED = createPrivateKey(privateKey)
  .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
  .toString()
const OPENSSH = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'
const PUBLIC = 'ssh-ed25519 AAAAC3Nz app@example'

const as = 'text'

describe('the private key', () => {
  test.each<[string, string]>([
    ['as it is', privateKey],
    ['without its last line break', privateKey.trim()],
    ['with lines that end in CR LF', privateKey.replaceAll('\n', '\r\n')],
    ['with lines that end in CR', privateKey.replaceAll('\n', '\r')],
    ['with escaped line breaks', privateKey.replaceAll('\n', '\\n')],
    ['with escaped CR LF, and one line break at its end', `${privateKey.replaceAll('\n', '\\r\\n')}\n`],
    ['with spaces for line breaks, as the console leaves it', privateKey.replaceAll('\n', ' ')],
    ['without line breaks', privateKey.replaceAll('\n', '')],
    ['with indented lines', privateKey.replaceAll('\n', '\n  ')],
    ['after a byte order mark', `\uFEFF${privateKey}`],
    ['as a JSON string', JSON.stringify(privateKey)],
  ])('%s comes out with its line breaks', async (_title, stored) => {
    await expect(read(stored, { as, schema: sshKeyPair })).resolves.toEqual({ privateKey })
    const inObject = JSON.stringify({ privateKey: stored })
    if (!stored.startsWith('"')) {
      await expect(read(inObject, { as, schema: sshKeyPair })).resolves.toEqual({ privateKey })
    }
  })

  test.each<[string, string]>([
    ['OpenSSH', OPENSSH],
    ['an encrypted PEM with headers', ENCRYPTED],
  ])('of %s is kept, but for the ends of its lines', async (_title, key) => {
    for (const end of ['\n', '\r\n', '\r', '\\n']) {
      await expect(answerOf(sshKeyPair, key.replaceAll('\n', end))).resolves.toEqual({ privateKey: key })
    }
  })

  test.each<[string, string, string]>([
    ['empty text', '', 'must begin as a private key in PEM or OpenSSH form does'],
    ['another text', 'abc', 'must begin as a private key in PEM or OpenSSH form does'],
    ['a public key', publicKey, 'must begin as a private key in PEM or OpenSSH form does'],
    ['a PuTTY key', 'PuTTY-User-Key-File-3: ssh-rsa', 'is in the form of PuTTY; export it as OpenSSH'],
    [
      'half a key',
      privateKey.slice(0, 200),
      'must end as it begins, after the key itself; it may have been cut off',
    ],
    [
      'another end',
      privateKey.replace('END PRIVATE', 'END RSA PRIVATE'),
      'must end as it begins, after the key itself; it may have been cut off',
    ],
    [
      'no key between the lines',
      '-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----',
      'must end as it begins, after the key itself; it may have been cut off',
    ],
    ['flattened headers', ENCRYPTED.replaceAll('\n', ' '), 'has headers, and no line breaks after them'],
  ])('refuses %s', async (_title, key, rule) => {
    await expect(answerOf(sshKeyPair, key)).resolves.toEqual([`/ ${rule}`])
  })
})

describe('a pair in JSON', () => {
  test.each<[string, Record<string, string>]>([
    ['our names', { privateKey: OPENSSH, publicKey: PUBLIC, passphrase: 'p' }],
    ['names of the environment', { PRIVATE_KEY: OPENSSH, PUBLIC_KEY: `${PUBLIC}\n`, PASSPHRASE: 'p' }],
    ['names with hyphens', { 'private-key': OPENSSH, 'public-key': PUBLIC, 'key-passphrase': 'p' }],
    ['names of files', { id_rsa: OPENSSH, 'id_rsa.pub': PUBLIC, privateKeyPassphrase: 'p' }],
  ])('under %s', async (_title, stored) => {
    const value = await read(JSON.stringify(stored), { as, schema: sshKeyPair })
    expect(value).toEqual({ privateKey: OPENSSH, publicKey: PUBLIC, passphrase: 'p' })
    expect(Object.isFrozen(value)).toBe(true)
  })

  test('keeps what else is stored, as AWS Transfer Family has it', async () => {
    await expect(
      answerOf(sshKeyPair, { Username: 'u', PrivateKey: OPENSSH, PublicKey: '' }),
    ).resolves.toEqual({
      Username: 'u',
      privateKey: OPENSSH,
    })
  })

  test.each<[string, unknown, string]>([
    ['no private key', { publicKey: PUBLIC }, '/privateKey is missing'],
    ['a private key that is a number', { privateKey: 1 }, '/privateKey must be text'],
    [
      'two private keys',
      { privateKey: OPENSSH, private_key: privateKey },
      '/privateKey is there in two spellings that differ',
    ],
    [
      'a private key for a public one',
      { privateKey: OPENSSH, publicKey: OPENSSH },
      '/publicKey must not be a private key',
    ],
    ['a public key that is a list', { privateKey: OPENSSH, publicKey: [] }, '/publicKey must be text'],
    ['a passphrase that is a number', { privateKey: OPENSSH, passphrase: 1 }, '/passphrase must be text'],
    ['broken JSON', '{"privateKey"', '/ begins like JSON, and is not JSON that is safe to read'],
    ['a number', 1, '/ must be text or a JSON object'],
  ])('refuses %s', async (_title, value, refusal) => {
    await expect(answerOf(sshKeyPair, value)).resolves.toEqual([refusal])
  })

  test.each<[string, string]>([
    ['bare text', NEEDLE],
    ['a key that was cut off', `-----BEGIN PRIVATE KEY-----\n${NEEDLE}`],
    ['a label that is none', `-----BEGIN ${NEEDLE} PRIVATE KEY-----`],
    ['a member', JSON.stringify({ privateKey: NEEDLE, passphrase: { [NEEDLE]: NEEDLE }, [NEEDLE]: NEEDLE })],
  ])('never shows the value: %s', async (_title, stored) => {
    const result = await sshKeyPair['~standard'].validate(stored)
    expect(result.issues).not.toBeUndefined()
    expectNoNeedle(textsOf(result.issues), NEEDLE)
    const error = await failureOfRead(stored, { as, schema: sshKeyPair })
    expect(error.code).toBe('ERR_SCHEMA')
    expectNoNeedle(error, NEEDLE)
  })

  test('and a bare key need no `as`', async () => {
    await expect(read(OPENSSH, { schema: sshKeyPair })).resolves.toEqual({ privateKey: OPENSSH })
    await expect(read(JSON.stringify({ id_rsa: OPENSSH }), { schema: sshKeyPair })).resolves.toEqual({
      privateKey: OPENSSH,
    })
  })
})
