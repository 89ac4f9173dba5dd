/**
 * `aws-secrets-client/testing`: what tests of code that uses the library need. A real client over values in memory, a
 * clock that a test moves, and the promises of a source as a suite for any test runner.
 *
 * @module
 */

export { sourceConformance } from './conformance.js'
export type { SourceConformanceOptions } from './conformance.js'
export type { SourceFeature } from './conformance/check.js'
export type { SourceStage, StageValue } from './conformance/kit.js'
export { createFakeSecrets } from './fake-secrets.js'
export type { FakeSecrets, FakeSecretsOptions } from './fake-secrets.js'
export { ManualClock } from './manual-clock.js'
export type { ManualClockOptions } from './manual-clock.js'
export type { FakeParameterVersion } from './parameter-item.js'
export type { FakeFailure, FakeFailureCode } from './raised.js'
export type { FakeOperation, FakeRequest } from './request-log.js'
export type { FakeScene, FakeValue } from './scene.js'
export type { FakeSecretVersion } from './secret-item.js'
export type { FailOptions, OutageOptions } from './vault-options.js'
export type { FakeVault } from './vault.js'
