/** The suite on every source of ours; test/testing/broken-sources.test.ts has those that it must object to. */

import { describe, test } from 'vitest'
import { type SourceFeature, sourceConformance } from 'aws-secrets-client/testing'
import { fakeStage, leanStage, sdkStage } from './sources.js'

// As AWS: neither stores an empty value.
const without: readonly SourceFeature[] = ['empty text']

describe('the sources of the fake', () => {
  sourceConformance({ test, service: 'secretsmanager', create: () => fakeStage('secretsmanager') })
  sourceConformance({ test, service: 'ssm', create: () => fakeStage('ssm') })
})

describe('the built-in sources', () => {
  sourceConformance({ test, service: 'secretsmanager', without, create: () => sdkStage('secretsmanager') })
  sourceConformance({ test, service: 'ssm', without, create: () => sdkStage('ssm') })
})

describe('the lean sources', () => {
  sourceConformance({ test, service: 'secretsmanager', without, create: () => leanStage('secretsmanager') })
  sourceConformance({ test, service: 'ssm', without, create: () => leanStage('ssm') })
})
