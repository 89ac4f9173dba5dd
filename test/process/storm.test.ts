/** Whatever fails, whoever leaves and whenever the client is closed: Node.js has nothing to complain about (I32). */

import { describe, expect, onTestFinished, test } from 'vitest'
import { type Fault, startEmulator } from '../../src/emulator/index.js'
import { CATALOGUE, type FaultRow } from '../faults/catalogue.js'
import { startFaultServer } from '../support/fault-server.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { ENDPOINTS, type Endpoint, HEALTHY } from './endpoint.js'
import { PROCESS_TIMEOUT_MS, run } from './run.js'

const STORM = new URL('./fixtures/storm.ts', import.meta.url)
const PARTS = 4
/** More than a signal takes listeners without a warning. */
const FEW = 20
const MANY = 1000

const EMULATED: readonly (readonly [string, Fault])[] = [
  ['reset', { drop: 'reset' }],
  ['never answers', { drop: 'never-answer' }],
  ['truncated', { drop: 'truncate' }],
  ['throttling', { error: 'ThrottlingException' }],
  ['denied', { error: 'AccessDeniedException', message: NEEDLE }],
  ['internal error', { error: 'InternalServiceError' }],
  ['expired token', { error: 'ExpiredTokenException' }],
  ['empty', { body: '' }],
  ['page', { body: `<html>${NEEDLE}</html>`, status: 503 }],
]

async function endpointOf({ name, fault, isTls }: FaultRow): Promise<Endpoint> {
  if (fault.at === 'dial') {
    const url = fault.code === 'ECONNREFUSED' ? 'http://127.0.0.1:1' : 'http://nowhere.invalid'
    return { name, url, credentials: 'found', callers: FEW }
  }
  const server = await startFaultServer({ tls: isTls })
  onTestFinished(() => server.close())
  if (fault.at === 'credentials') return { name, url: server.url, credentials: fault.outcome, callers: FEW }
  server.set(fault)
  return { name, url: server.url, credentials: 'found', callers: FEW }
}

async function emulatedAt(name: string, fault: Fault): Promise<Endpoint> {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  onTestFinished(() => emulator.close())
  emulator.fail('*', fault)
  return { name, url: emulator.url, credentials: 'found', callers: MANY }
}

async function expectSilence(endpoints: readonly Endpoint[]): Promise<void> {
  const healthy = await startFaultServer()
  onTestFinished(() => healthy.close())
  const env = { [HEALTHY]: healthy.url, [ENDPOINTS]: JSON.stringify(endpoints) }
  const { code, signal, stdout, stderr } = await run(STORM, { env })
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  const report: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(report).toMatchObject({ complaints: [] })
  expect(report).toHaveProperty('failures', expect.any(Number))
  expectNoNeedle(stdout, NEEDLE)
}

describe('nothing is unhandled, and nothing is told on stderr', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test.each(Array.from({ length: PARTS }, (_, part) => part))('every fault, part %d', async (part) => {
    const rows = CATALOGUE.filter((_, position) => position % PARTS === part)
    await expectSilence(await Promise.all(rows.map(endpointOf)))
  })

  test('every fault of the emulator', async () => {
    await expectSilence(await Promise.all(EMULATED.map(([name, fault]) => emulatedAt(name, fault))))
  })
})
