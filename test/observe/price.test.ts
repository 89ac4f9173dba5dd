import { expect, test } from 'vitest'
import { costUsd } from '../../src/observe/price.js'

test.each<[string, Record<string, number>, number]>([
  ['no request', {}, 0],
  ['one secret', { GetSecretValue: 1 }, 0.000_005],
  ['ten thousand secrets', { GetSecretValue: 10_000 }, 0.05],
  ['a batch, which is one call', { BatchGetSecretValue: 1 }, 0.000_005],
  ['secrets and batches', { GetSecretValue: 8_640, BatchGetSecretValue: 1_360 }, 0.05],
  ['parameters', { GetParameter: 10_000, GetParameters: 10_000, GetParametersByPath: 10_000 }, 0],
  ['an operation of a source of the user', { Anything: 10_000 }, 0],
])('the price of %s', (_title, requests, usd) => {
  expect(costUsd(new Map(Object.entries(requests)))).toBe(usd)
})
