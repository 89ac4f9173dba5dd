/** Two clients in one process know nothing of each other, and one client takes nothing for another (I55, I56). */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SecretsClient, type Source } from '../../src/index.js'
import { MODES, Stock, openScene } from '../leaks/open.js'
import { FakeBatchSource, echo } from '../support/fake-source.js'

const [ONE, OTHER] = ['the password of tenant one', 'the password of tenant two']

describe.each(MODES)('two clients, $mode', ({ seal }) => {
  const two = () => {
    const [stock, otherStock] = [new Stock({ 'prod/db': ONE }), new Stock({ 'prod/db': OTHER })]
    return {
      one: openScene({ sources: stock.sources, seal }).secrets,
      other: openScene({ sources: otherStock.sources, seal }).secrets,
      stock,
    }
  }

  test('values', async () => {
    const { one, other } = two()
    expect(await Promise.all([one.get('prod/db'), other.get('prod/db')])).toEqual([ONE, OTHER])
    one.invalidate()
    await one.close()
    expect(await other.get('prod/db')).toBe(OTHER)
    expect(other.stats()).toMatchObject({ misses: 1, hits: 1 })
  })

  test('what they mask', async () => {
    const { one, other } = two()
    await Promise.all([one.get('prod/db'), other.get('prod/db')])
    const text = `${ONE}, ${OTHER}`
    expect(one.scrub(text)).toBe(`[redacted], ${OTHER}`)
    expect(other.scrub(text)).toBe(`${ONE}, [redacted]`)
  })

  test('failures that are remembered', async () => {
    const { one, stock, other } = two()
    await expect(one.get('prod/new')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    stock.put('prod/new', 'made')
    await expect(one.get('prod/new')).rejects.toMatchObject({ attempts: 0 })
    const third = openScene({ sources: stock.sources, seal }).secrets
    expect(await third.get('prod/new')).toBe('made')
    expect(other.stats()).toMatchObject({ misses: 0, failures: 0 })
  })

  test('one schema, whose output each makes for itself', async () => {
    const { one, other } = two()
    let runs = 0
    const schema = z.unknown().transform((value) => {
      runs += 1
      return [value]
    })
    const how = { as: 'text', schema } as const
    expect(await one.get('prod/db', how)).toEqual([ONE])
    expect(await other.get('prod/db', how)).toEqual([OTHER])
    expect(await one.get('prod/db', how)).toEqual([ONE])
    expect(runs).toBe(seal ? 3 : 2)
  })

  test('one source: each asks for itself', async () => {
    let loads = 0
    const source: Source = {
      service: 'secretsmanager',
      maxBatch: 1,
      load: () => {
        loads += 1
        return Promise.resolve([{ value: { text: `${loads}`, name: 'a' } }])
      },
    }
    const clients = [openScene({ sources: [source], seal }), openScene({ sources: [source], seal })]
    expect(await Promise.all(clients.map(({ secrets }) => secrets.get('a')))).toEqual(['1', '2'])
    await clients[0]?.secrets.close()
    expect(await clients[1]?.secrets.get('a')).toBe('2')
  })

  test('the same ARN: what one learns of names, the other does not', async () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
    const stored = (text: string) => new Stock({ 'prod/db': () => ({ text, name: 'prod/db', arn }) })
    const [one, other] = [
      openScene({ sources: stored(ONE).sources, seal }).secrets,
      openScene({ sources: stored(OTHER).sources, seal }).secrets,
    ]
    expect([await one.get('prod/db'), await other.get('prod/db')]).toEqual([ONE, OTHER])
    expect(other.stats().entries).toBe(1)
  })
})

describe('one client', () => {
  test('does not mix regions, accounts, services, versions and stages', async () => {
    const sources = (['secretsmanager', 'ssm'] as const).map(
      (service) => new FakeBatchSource(echo, 1, service),
    )
    const secrets = new SecretsClient({ sources })
    const regions = ['eu-west-1', 'us-east-1']
    const accounts = ['111111111111', '222222222222']
    const arns = regions.flatMap((region) =>
      accounts.flatMap((account) => [
        `arn:aws:secretsmanager:${region}:${account}:secret:a-AbCdEf`,
        `arn:aws:ssm:${region}:${account}:parameter/a`,
      ]),
    )
    const refs = [...arns, 'a', 'ssm:a', 'a:AWSPREVIOUS', 'a:AWSPENDING', 'ssm:a:1', 'ssm:a:2', 'ssm:a:label']
    const values = await Promise.all(refs.map((ref) => secrets.get(ref)))
    expect(new Set(values).size).toBe(refs.length)
    expect(await Promise.all(refs.map((ref) => secrets.get(ref)))).toEqual(values)
    expect(secrets.stats()).toMatchObject({ misses: refs.length, hits: refs.length })
    await secrets.close()
  })

  test('gives each name its own value, whatever the names are made of', async () => {
    const WORDS = [
      '__proto__',
      'constructor',
      'toString',
      'a',
      'A',
      'a/',
      'a-AbCdEf',
      'a.part2',
      'then',
      '/',
      'b=c',
    ]
    const names = fc.uniqueArray(
      fc.oneof(fc.constantFrom(...WORDS), fc.stringMatching(/^[A-Za-z0-9/_+=.@-]{1,40}$/)),
      { minLength: 2, maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        const secrets = new SecretsClient({ sources: [new FakeBatchSource(echo, 1)] })
        const settled = await Promise.allSettled(all.map((name) => secrets.get({ name })))
        const found = settled.flatMap((one, n) => (one.status === 'fulfilled' ? [[all[n], one.value]] : []))
        for (const [name, value] of found) expect(value).toBe(name)
        await secrets.close()
      }),
      { numRuns: 200 },
    )
  })
})
