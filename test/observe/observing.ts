/** An observer with its clock, one report of each kind, and what the reports look like as events. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { onTestFinished, vi } from 'vitest'
import type { Stamp } from '../../src/clock.js'
import type { SecretsEvent } from '../../src/observe/events.js'
import { Observer, type ObserverSettings } from '../../src/observe/observer.js'
import { CHANNEL_NAME } from '../../src/observe/teller.js'
import { ManualClock } from '../support/manual-clock.js'

export const AT = 1_800_000_000_000
export const UPTIME_MS = 900_000
export const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
export const NEW_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-GhIjKl'

/** When it was so many milliseconds before {@link AT}. */
export const ago = (ms: number): Stamp => ({ wall: AT - ms, monotonic: UPTIME_MS - ms })

export function observerWith(settings: Partial<ObserverSettings> = {}): Observer {
  return new Observer({
    clock: new ManualClock(AT, UPTIME_MS),
    onEvent: undefined,
    redact: undefined,
    ...settings,
  })
}

/** Puts a subscriber on the channel until the test ends. */
export function onChannel(subscriber: (event: unknown, name: string | symbol) => void) {
  subscribe(CHANNEL_NAME, subscriber)
  const stop = () => unsubscribe(CHANNEL_NAME, subscriber)
  onTestFinished(() => void stop())
  return { stop }
}

/** What stands for a reference, for a test to see where one is shown. */
export const redactor = () => vi.fn((ref: string) => `<${ref}>`)

/** One report of each kind, and the event that it becomes. */
export const REPORTS: readonly (readonly [string, (observer: Observer) => void, SecretsEvent])[] = [
  [
    'a hit',
    (to) => {
      to.hit('prod/db')
    },
    { type: 'hit', at: AT, ref: 'prod/db' },
  ],
  [
    'a miss',
    (to) => {
      to.miss('prod/db', false)
    },
    { type: 'miss', at: AT, ref: 'prod/db', remembered: false },
  ],
  [
    'a remembered failure',
    (to) => {
      to.miss('prod/db', true)
    },
    { type: 'miss', at: AT, ref: 'prod/db', remembered: true },
  ],
  [
    'a stale value while it is loaded anew',
    (to) => {
      to.stale('prod/db', 'revalidating', ago(301_000))
    },
    { type: 'stale', at: AT, ref: 'prod/db', reason: 'revalidating', ageMs: 301_000 },
  ],
  [
    'a stale value after a failure',
    (to) => {
      to.stale('prod/db', 'error', ago(400_000), 'ERR_UNAVAILABLE')
    },
    { type: 'stale', at: AT, ref: 'prod/db', reason: 'error', ageMs: 400_000, code: 'ERR_UNAVAILABLE' },
  ],
  [
    'a loaded secret',
    (to) => {
      to.refresh('prod/db', {
        trigger: 'read',
        begun: ago(12),
        ok: true,
        changed: true,
        versionId: 'v1',
        version: undefined,
      })
    },
    {
      type: 'refresh',
      at: AT,
      ref: 'prod/db',
      trigger: 'read',
      durationMs: 12,
      ok: true,
      changed: true,
      versionId: 'v1',
    },
  ],
  [
    'a loaded parameter',
    (to) => {
      to.refresh('ssm:/a', { trigger: 'background', begun: ago(3), ok: true, changed: false, version: 7 })
    },
    {
      type: 'refresh',
      at: AT,
      ref: 'ssm:/a',
      trigger: 'background',
      durationMs: 3,
      ok: true,
      changed: false,
      version: 7,
    },
  ],
  [
    'a load that failed',
    (to) => {
      to.refresh('prod/db', { trigger: 'refresh', begun: ago(5), ok: false, code: 'ERR_NOT_FOUND' })
    },
    {
      type: 'refresh',
      at: AT,
      ref: 'prod/db',
      trigger: 'refresh',
      durationMs: 5,
      ok: false,
      code: 'ERR_NOT_FOUND',
    },
  ],
  [
    'a repeated request for one reference',
    (to) => {
      const service = 'secretsmanager'
      to.retry({ service, batchSize: 1, attempt: 1, delayMs: 40, code: 'ERR_TIMEOUT' }, 'prod/db')
    },
    {
      type: 'retry',
      at: AT,
      service: 'secretsmanager',
      batchSize: 1,
      ref: 'prod/db',
      attempt: 1,
      delayMs: 40,
      code: 'ERR_TIMEOUT',
    },
  ],
  [
    'a repeated request for several',
    (to) => {
      to.retry({ service: 'ssm', batchSize: 10, attempt: 2, delayMs: 900, code: 'ERR_THROTTLED' })
    },
    {
      type: 'retry',
      at: AT,
      service: 'ssm',
      batchSize: 10,
      attempt: 2,
      delayMs: 900,
      code: 'ERR_THROTTLED',
    },
  ],
  [
    'a throttled request',
    (to) => {
      to.throttle({ service: 'ssm', batchSize: 10, concurrency: 4 })
    },
    { type: 'throttle', at: AT, service: 'ssm', batchSize: 10, concurrency: 4 },
  ],
  [
    'a batch',
    (to) => {
      to.batch({ service: 'secretsmanager', size: 20, failed: 1, fallback: false })
    },
    { type: 'batch', at: AT, service: 'secretsmanager', size: 20, failed: 1, fallback: false },
  ],
  [
    'an eviction',
    (to) => {
      to.evict('prod/db')
    },
    { type: 'evict', at: AT, ref: 'prod/db' },
  ],
  [
    'clocks that disagree',
    (to) => {
      to.clockAnomaly(-3_600_000)
    },
    { type: 'clock-anomaly', at: AT, skewMs: -3_600_000 },
  ],
  [
    'an item that was created again',
    (to) => {
      to.identityChanged('prod/db', 'arn', ARN, NEW_ARN)
    },
    { type: 'identity-changed', at: AT, ref: 'prod/db', what: 'arn', from: ARN, to: NEW_ARN },
  ],
  [
    'a refused version of a secret',
    (to) => {
      to.credential('prod/db').rejected({ versionId: 'v1', version: undefined })
    },
    { type: 'rejected', at: AT, ref: 'prod/db', versionId: 'v1' },
  ],
  [
    'a version that is accepted again',
    (to) => {
      const facts = { pending: false, rejections: 3, durationMs: 412.6 }
      to.credential('ssm:/a').recovered({ version: 4 }, facts)
    },
    {
      type: 'recovered',
      at: AT,
      ref: 'ssm:/a',
      version: 4,
      pending: false,
      rejections: 3,
      durationMs: 413,
    },
  ],
  [
    'a caller that waited in vain',
    (to) => {
      to.credential('prod/db').gaveUp()
    },
    { type: 'gave-up', at: AT, ref: 'prod/db' },
  ],
  [
    'another payload under one version',
    (to) => {
      to.identityChanged('prod/db', 'payload')
    },
    { type: 'identity-changed', at: AT, ref: 'prod/db', what: 'payload' },
  ],
  [
    'a value that does not decode',
    (to) => {
      to.decodeFailed('prod/db#password', 'ERR_FIELD_NOT_FOUND', true)
    },
    {
      type: 'decode-failed',
      at: AT,
      ref: 'prod/db#password',
      code: 'ERR_FIELD_NOT_FOUND',
      servedPrevious: true,
    },
  ],
]
