/**
 * The promises of a source as a suite of tests, for any test runner.
 *
 * @module
 */

import type { Service } from 'aws-secrets-client'
import { checkMembers, describe } from './checks.js'
import { batchChecks } from './conformance/batches.js'
import type { SourceFeature } from './conformance/check.js'
import { conductChecks } from './conformance/conduct.js'
import { Kit, type SourceStage } from './conformance/kit.js'
import { treeChecks } from './conformance/trees.js'
import { valueChecks } from './conformance/values.js'
import { versionChecks } from './conformance/versions.js'

/** What the suite has to be told. */
export interface SourceConformanceOptions {
  /** The runner's `test` or `it`: of vitest, jest, mocha, `node:test` or any other that takes a title and a function. */
  readonly test: (title: string, work: () => Promise<void>) => unknown
  /** The service whose values the source reads. */
  readonly service: Service
  /** Makes a source, and a place to put values in; called for each test. */
  readonly create: () => SourceStage | PromiseLike<SourceStage>
  /**
   * What the source cannot do; tests of it are left out.
   *
   * @defaultValue `[]`
   */
  readonly without?: readonly SourceFeature[]
  /**
   * What the names of values begin with: `conformance` makes secrets `conformance/…` and parameters `/conformance/…`.
   *
   * @defaultValue `'conformance'`
   */
  readonly prefix?: string
}

const FEATURES: readonly SourceFeature[] = [
  'abort',
  'binary',
  'empty text',
  'labels',
  'lists',
  'names',
  'stages',
  'trees',
  'versions',
]

const CHECKS = [...batchChecks, ...valueChecks, ...versionChecks, ...treeChecks, ...conductChecks]

/**
 * Registers a test for each promise of a `Source`: one result for each reference in order, each value under its own name,
 * errors that harm no other, falsy values, bytes, versions, stages, labels, pages of trees, aborts. A test fails with an
 * `AssertionError` that says what does not hold, or with what the source threw.
 *
 * @throws TypeError for an option that is missing or cannot be.
 *
 * @example
 * ```ts
 * sourceConformance({
 *   test: it,
 *   service: 'secretsmanager',
 *   without: ['abort'],
 *   create: () => {
 *     const files = new Map<string, string>()
 *     return { source: new FileSource(files), put: (name, value) => files.set(name, String(value)) }
 *   },
 * })
 * ```
 */
export function sourceConformance(options: SourceConformanceOptions): void {
  const { test, service, create, without = [], prefix = 'conformance' } = checked(options)
  const own = CHECKS.filter((check) => check.service === undefined || check.service === service)
  for (const { title, needs = [], run } of own) {
    if (needs.some((feature) => without.includes(feature))) continue
    test(title, async () => {
      const stage = await create()
      try {
        await run(new Kit(service, stage, prefix))
      } finally {
        await stage.end?.()
      }
    })
  }
}

function checked(options: SourceConformanceOptions): SourceConformanceOptions {
  checkMembers('sourceConformance', options, ['test', 'service', 'create', 'without', 'prefix'])
  const { test, service, create, without, prefix = 'conformance' } = options
  expect('test', test, typeof test === 'function', 'the function test or it of a test runner')
  const services: readonly unknown[] = ['secretsmanager', 'ssm']
  expect('service', service, services.includes(service), `one of ${services.join(', ')}`)
  expect('create', create, typeof create === 'function', 'a function that gives { source, put }')
  const isKnown = (feature: unknown) => FEATURES.some((known) => known === feature)
  const isList = without === undefined || (Array.isArray(without) && without.every(isKnown))
  expect('without', without, isList, `an array with some of ${FEATURES.join(', ')}`)
  expect(
    'prefix',
    prefix,
    /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/.test(prefix),
    "a prefix such as 'conformance'",
  )
  return options
}

function expect(name: string, given: unknown, isExpected: boolean, expected: string): void {
  if (!isExpected)
    throw new TypeError(`sourceConformance: expected ${name} as ${expected}, got ${describe(given)}`)
}
