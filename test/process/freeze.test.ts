/** A process that was stopped for longer than values are fresh knows that it was (I23, I48). */

import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { PROCESS_TIMEOUT_MS, run } from './run.js'

const FREEZE = new URL('./fixtures/freeze.ts', import.meta.url)

async function thawed(scene: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { code, signal, stdout, stderr } = await run(FREEZE, { args: [scene], env })
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  return JSON.parse(stdout)
}

describe('the first read after SIGCONT', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test('is not answered with what is past every window', async () => {
    expect(await thawed('value')).toEqual({ before: 'value 1', after: 'value 2', stale: false })
  })

  test('is answered with what is inside a window, said to be stale, but not past what the reader accepts', async () => {
    const seen = { before: 'value 1', after: 'value 1', stale: true, strict: 'value 2' }
    expect(await thawed('stale')).toEqual(seen)
  })

  test('logs in with a working password after a rotation, for one round trip more at most', async () => {
    expect(await thawed('rotated')).toEqual([
      { after: 'value 2', tried: ['value 1', 'value 2'], loads: 2 },
      { after: 'value 2', tried: ['value 1', 'value 1', 'value 2'], loads: 2 },
    ])
  })

  test('does not join a load that slept through its deadline, and whoever waits for that gets the new answer too', async () => {
    expect(await thawed('flight')).toEqual({ waiting: 'value 2', after: 'value 2' })
  })
})

test(
  'an answer that came while the process was stopped is taken',
  { timeout: PROCESS_TIMEOUT_MS },
  async () => {
    const emulator = await startEmulator({ region: 'eu-west-1', latency: 300 })
    onTestFinished(() => emulator.close())
    emulator.seed({ secrets: { 'prod/a': 'in time' } })
    expect(await thawed('answer', { ...emulator.env })).toEqual({ waiting: 'in time' })
  },
)
