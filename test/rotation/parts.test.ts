import { pbkdf2Sync } from 'node:crypto'
import { mysqlDatabase, postgresDatabase } from 'aws-secrets-client/rotation'
import type { DatabaseOptions } from 'aws-secrets-client/rotation'
import { describe, expect, test } from 'vitest'
import { grantFor } from '../../src/rotation/databases/mysql-grants.js'
import { isPlainPassword, scramVerifier } from '../../src/rotation/databases/scram.js'
import { exportsOf, missingPeer } from '../../src/rotation/peer.js'

describe('a right of MySQL or MariaDB', () => {
  const app = { user: 'app', host: '%' }
  const other = "'app_clone'@'%'"

  test.each<[string, string, { user: string; host: string }?]>([
    ['GRANT USAGE ON *.* TO `app`@`%`', `GRANT USAGE ON *.* TO ${other}`],
    [
      "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*00' REQUIRE SSL",
      `GRANT USAGE ON *.* TO ${other}`,
    ],
    [
      'GRANT SELECT, INSERT ON `shop`.* TO `app`@`%` WITH GRANT OPTION',
      `GRANT SELECT, INSERT ON \`shop\`.* TO ${other} WITH GRANT OPTION`,
    ],
    [
      "GRANT ALL ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*00' WITH GRANT OPTION MAX_USER_CONNECTIONS 5",
      `GRANT ALL ON *.* TO ${other} WITH GRANT OPTION`,
    ],
    ["GRANT SELECT ON `a TO b`.* TO 'app'@'%'", `GRANT SELECT ON \`a TO b\`.* TO ${other}`],
    [
      'GRANT SELECT ON `TO ``app``@``%``` TO `app`@`%`',
      `GRANT SELECT ON \`TO \`\`app\`\`@\`\`%\`\`\` TO ${other}`,
    ],
    ['GRANT `reader`@`%` TO `app`@`%`', `GRANT \`reader\`@\`%\` TO ${other}`],
    ['GRANT `reader` TO `app`@`%` WITH ADMIN OPTION', `GRANT \`reader\` TO ${other} WITH ADMIN OPTION`],
    ['SET DEFAULT ROLE `reader` FOR `app`@`%`', `SET DEFAULT ROLE \`reader\` FOR ${other}`],
    ['REVOKE SELECT ON `shop`.* FROM `app`@`%`', `REVOKE SELECT ON \`shop\`.* FROM ${other}`],
    ['GRANT USAGE ON *.* TO `a``b`@`%`', `GRANT USAGE ON *.* TO ${other}`, { user: 'a`b', host: '%' }],
  ])('is rewritten for another user: %s', (row, expected, from = app) => {
    expect(grantFor(row, from, other)).toBe(expected)
  })

  test('is refused where it names another user', () => {
    expect(() => grantFor('GRANT USAGE ON *.* TO `root`@`%`', app, other)).toThrow(
      'a right of the current user cannot be read',
    )
  })
})

describe('a verifier of PostgreSQL', () => {
  test('has the form of RFC 5803, with another salt each time', async () => {
    const form = /^SCRAM-SHA-256\$4096:([\w+/]{22}==)\$([\w+/]{43}=):([\w+/]{43}=)$/
    const verifiers = await Promise.all([scramVerifier('pencil'), scramVerifier('pencil')])
    for (const verifier of verifiers) expect(verifier).toMatch(form)
    expect(verifiers[0]).not.toBe(verifiers[1])
    const salt = Buffer.from(form.exec(verifiers[0])?.[1] ?? '', 'base64')
    expect(pbkdf2Sync('pencil', salt, 4096, 32, 'sha256')).toHaveLength(32)
  })

  test.each([
    ['a b~!', true],
    ['', false],
    ['é', false],
    ['a\nb', false],
  ])('is made of printable ASCII only: %j', (password, isPlain) => {
    expect(isPlainPassword(password)).toBe(isPlain)
  })
})

describe('an optional peer', () => {
  const failure = (code: string, text: string) => Object.assign(new Error(text), { code })

  test.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('that is missing says so: %s', (code) => {
    expect(() => missingPeer('pg')(failure(code, "Cannot find package 'pg' imported from x"))).toThrow(
      'the package pg is not installed. Install it: npm install pg',
    )
  })

  test('that lacks something itself fails as it does', () => {
    const error = failure('ERR_MODULE_NOT_FOUND', "Cannot find package 'pg-pool' imported from pg")
    expect(() => missingPeer('pg')(error)).toThrow(error)
    expect(() => missingPeer('pg')(failure('EACCES', "'pg'"))).toThrow("'pg'")
  })

  test('is found below default, where a bundler put it there', () => {
    const module = { Client: 1 }
    expect(exportsOf(module, 'Client')).toBe(module)
    const bundled: { Client?: number; default: object } = { default: module }
    expect(exportsOf(bundled, 'Client')).toBe(module)
    expect(exportsOf({ default: {} }, 'Client' as 'default')).toEqual({ default: {} })
  })
})

describe.each([
  ['postgresDatabase', postgresDatabase],
  ['mysqlDatabase', mysqlDatabase],
])('%s', (name, make) => {
  test.each<[object, string]>([
    [{ ssl: true }, `${name}: expected only tls, timeoutMs; got 'ssl'`],
    [{ tls: 'yes' }, 'tls: expected a boolean, or an object of options of TLS'],
    [{ tls: null }, 'tls: expected a boolean, or an object of options of TLS'],
    [{ timeoutMs: 0 }, 'timeoutMs: expected a whole number of milliseconds of at least 1'],
  ])('refuses options that cannot be: %o', (options, text) => {
    const made = (): unknown => Reflect.apply(make, undefined, [options])
    expect(made).toThrow(TypeError)
    expect(made).toThrow(text)
  })

  test.each<DatabaseOptions>([{}, { tls: false }, { tls: { ca: 'x' }, timeoutMs: 1 }])(
    'opens no connection before it is asked to: %o',
    (options) => {
      expect(make(options).engines).not.toEqual([])
    },
  )
})
