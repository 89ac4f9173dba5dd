/** Whoever subscribes to the diagnostics channel sees what happens, and no value. */

import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { PROCESS_TIMEOUT_MS, run } from './run.js'

const CHANNEL = new URL('./fixtures/channel.ts', import.meta.url)

const EVENTS = ['hit', 'miss', 'refresh', 'batch', 'evict', 'decode-failed']

test('the channel tells events without values (I51)', { timeout: PROCESS_TIMEOUT_MS }, async () => {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  onTestFinished(() => emulator.close())
  const value = JSON.stringify({ password: NEEDLE })
  emulator.seed({
    secrets: { 'prod/db': value, 'prod/a': value, 'prod/b': value, 'prod/text': NEEDLE },
    parameters: { '/prod/c': NEEDLE },
  })
  const { code, signal, stdout, stderr } = await run(CHANNEL, { env: { ...emulator.env } })
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  const types = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => Reflect.get(JSON.parse(line), 'type'))
  expect(new Set(types)).toEqual(new Set([...EVENTS, 'lru-cache:metrics']))
  expectNoNeedle(stdout, NEEDLE)
})
