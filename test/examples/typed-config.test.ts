import { SecretsClient } from 'aws-secrets-client'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { loadConfig } from '../../examples/typed-config.js'
import { NEEDLE, useStage } from './stage.js'

const stage = useStage()

function seed(parameters: Readonly<Record<string, string>> = { '/prod/shop/limits/rps': '250' }) {
  stage().emulator.seed({
    secrets: {
      'prod/shop/db': {
        engine: 'postgres',
        host: 'db.internal',
        username: 'shop',
        password: NEEDLE,
        dbname: 'shop',
        port: '6432',
      },
      'prod/shop/stripe': NEEDLE,
      'prod/shop/tls': new TextEncoder().encode(NEEDLE),
    },
    parameters,
  })
}

describe('loadConfig', () => {
  test('gives the whole configuration, typed, in two calls', async () => {
    seed()
    await using secrets = new SecretsClient()
    const config = await loadConfig(secrets)
    expectTypeOf(config.port).toEqualTypeOf<number>()
    expectTypeOf(config.rps).toEqualTypeOf<number>()
    expect(config).toMatchObject({ port: 6432, rps: 250 })
    const { protocol, host, username, password } = new URL(config.databaseUrl)
    expect([protocol, host, username]).toEqual(['postgres:', 'db.internal:6432', 'shop'])
    expect(decodeURIComponent(password)).toBe(NEEDLE)
    expect(config.stripeKey.reveal()).toBe(NEEDLE)
    expect(String(config.stripeKey)).toBe('[redacted]')
    expect(new TextDecoder().decode(config.tls)).toBe(NEEDLE)
    expect(stage().emulator.count()).toBe(2)
  })

  test('tells everything that is wrong at once, and no value', async () => {
    seed({ '/prod/shop/limits/rps': NEEDLE })
    stage().emulator.deny('secretsmanager:GetSecretValue', 'prod/shop/stripe')
    await using secrets = new SecretsClient()
    const error: unknown = await loadConfig(secrets).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_LOAD',
      errors: { stripeKey: { code: 'ERR_ACCESS_DENIED' }, app: { code: 'ERR_SCHEMA' } },
    })
    expect(String(error)).not.toContain(NEEDLE)
    expect(String(error)).toMatch(/^SecretsError: 2 of 4 secrets failed/)
  })
})
