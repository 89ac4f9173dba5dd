import { describe, expect, test, vi } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import { type SdkClient, SdkClients, exportsOf, missingPeer } from '../../src/source/sdk-client.js'

const named = parseReference('prod/db')
const inRegion = (region: string) =>
  parseReference(`arn:aws:secretsmanager:${region}:123456789012:secret:prod/db-AbCdEf`)

/** Clients that only know their region; without one they find `eu-west-1`, as the SDK finds AWS_REGION. */
function build(region?: string, found: string | null = 'eu-west-1') {
  const destroy = vi.fn()
  const create = vi.fn((asked: string | undefined): Promise<SdkClient> => {
    const config = {
      region: () => {
        const resolved = asked ?? found
        return resolved === null ? Promise.reject(new Error('Region is missing')) : Promise.resolve(resolved)
      },
    }
    return Promise.resolve({ config, destroy, send: () => Promise.resolve({}) })
  })
  return { clients: new SdkClients({ region, create }), create, destroy }
}

describe('clients that are made', () => {
  test('one is made on first use and kept', async () => {
    const { clients, create } = build()
    expect(create).not.toHaveBeenCalled()
    const [first, second] = await Promise.all([clients.for(named), clients.for(named)])
    expect(first).toBe(second)
    expect(first.region).toBe('eu-west-1')
    expect(create.mock.calls).toEqual([[undefined]])
  })

  test('the configured region is used for names', async () => {
    const { clients, create } = build('ap-south-1')
    await expect(clients.for(named)).resolves.toMatchObject({ region: 'ap-south-1' })
    expect(create.mock.calls).toEqual([['ap-south-1']])
  })

  test('an ARN gets a client of its own region, once', async () => {
    const { clients, create } = build()
    await clients.for(named)
    const [first, second] = [
      await clients.for(inRegion('us-east-1')),
      await clients.for(inRegion('us-east-1')),
    ]
    expect(first).toBe(second)
    expect(first.region).toBe('us-east-1')
    expect(create.mock.calls).toEqual([[undefined], ['us-east-1']])
  })

  test('an ARN in the region of the client for names shares that client', async () => {
    const { clients, create } = build()
    const forNames = await clients.for(named)
    await expect(clients.for(inRegion('eu-west-1'))).resolves.toBe(forNames)
    expect(create).toHaveBeenCalledTimes(1)
  })

  test('no region anywhere is a clear error, and is not remembered', async () => {
    const { clients, create } = build(undefined, null)
    const attempt = () => clients.for(named).catch((error: unknown) => error)
    const error = await attempt()
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
    expect(error).toHaveProperty('hint', expect.stringContaining('AWS_REGION'))
    await attempt()
    expect(create).toHaveBeenCalledTimes(2)
  })

  test('close destroys them', async () => {
    const { clients, destroy } = build()
    await clients.for(named)
    await clients.for(inRegion('us-east-1'))
    clients.close()
    await new Promise(setImmediate)
    expect(destroy).toHaveBeenCalledTimes(2)
  })
})

describe("the user's own client", () => {
  const send = () => Promise.resolve({})

  test.each([
    ['a region as the SDK resolves it', { region: () => Promise.resolve('eu-west-1') }],
    ['a region as text', { region: 'eu-west-1' }],
  ])('%s must match the ARN', async (_title, config) => {
    const clients = new SdkClients({
      client: { send, config },
      create: () => Promise.reject(new Error('made')),
    })
    await expect(clients.for(inRegion('eu-west-1'))).resolves.toMatchObject({ region: 'eu-west-1' })
    const error: unknown = await clients.for(inRegion('us-east-1')).catch((thrown: unknown) => thrown)
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
  })

  test.each([
    ['no configuration', {}],
    ['a configuration without a region', { config: {} }],
    ['a region that cannot be resolved', { config: { region: () => Promise.reject(new Error('no')) } }],
    ['a region that is no text', { config: { region: 7 } }],
  ])('with %s it is trusted', async (_title, members) => {
    const client = { send, ...members }
    const clients = new SdkClients({ client, create: () => Promise.reject(new Error('made')) })
    await expect(clients.for(inRegion('us-east-1'))).resolves.toEqual({ client, region: undefined })
  })

  test('is never destroyed', async () => {
    const destroy = vi.fn()
    const clients = new SdkClients({
      client: { send, destroy },
      create: () => Promise.reject(new Error('made')),
    })
    await clients.for(named)
    clients.close()
    expect(destroy).not.toHaveBeenCalled()
  })
})

describe('missingPeer', () => {
  const failureOf = (error: unknown): unknown => {
    try {
      return missingPeer('@aws-sdk/client-ssm')(error)
    } catch (thrown) {
      return thrown
    }
  }
  const notFound = (code: string, name: string) =>
    Object.assign(new Error(`Cannot find package '${name}'`), { code })

  test.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('%s names the package to install', (code) => {
    const error = failureOf(notFound(code, '@aws-sdk/client-ssm'))
    expect(isSecretsError(error, 'ERR_MISSING_PEER')).toBe(true)
    expect(error).toHaveProperty('hint', expect.stringContaining('npm install @aws-sdk/client-ssm'))
  })

  test.each([
    ['a broken package', new SyntaxError('broken package')],
    ['a package that lacks one of its own', notFound('MODULE_NOT_FOUND', '@smithy/core')],
    ['nothing', undefined],
  ])('%s stays what it is', (_title, error) => {
    expect(failureOf(error)).toBe(error)
  })
})

describe('the exports of an SDK', () => {
  const SSMClient = () => 'a client'

  test('are those of the module', () => {
    const imported = { SSMClient, default: { SSMClient: () => 'another' } }
    expect(exportsOf<{ SSMClient: unknown }>(imported, 'SSMClient').SSMClient).toBe(SSMClient)
  })

  test('are found where a bundler that splits has left nothing but the default export', () => {
    const imported: { SSMClient?: unknown; default: object } = { default: { SSMClient } }
    expect(exportsOf(imported, 'SSMClient').SSMClient).toBe(SSMClient)
  })

  test.each<{ SSMClient?: unknown; default?: unknown }>([
    {},
    { default: undefined },
    { default: null },
    { default: {} },
  ])('of a module without them, %j, are its own', (imported) => {
    expect(exportsOf(imported, 'SSMClient')).toBe(imported)
  })
})
