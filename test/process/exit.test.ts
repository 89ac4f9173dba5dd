/** A process ends by itself when its own work is done, and never while somebody waits for a read (I62). */

import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { startFaultServer } from '../support/fault-server.js'
import { neverAnswers } from '../support/fault-server/faults.js'
import { type Ended, PROCESS_TIMEOUT_MS, run } from './run.js'

const EXIT = new URL('./fixtures/exit.ts', import.meta.url)
const SILENCE = new URL('./fixtures/silence.ts', import.meta.url)
const SOCKET = new URL('./fixtures/socket.ts', import.meta.url)

const said = ({ stdout }: Ended): unknown => JSON.parse(stdout)
const well = { code: 0, signal: null, stderr: '' }

describe('without close(), with a watch that is open, a stale value and a failure that is remembered', () => {
  test.each([
    ['own-client', 'an SDK client of the user'],
    ['built-in', 'the built-in SDK client'],
    ['lean', 'no SDK client'],
  ])('the process ends by itself: %s', { timeout: PROCESS_TIMEOUT_MS }, async (client) => {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    onTestFinished(() => emulator.close())
    emulator.seed({ secrets: { 'prod/a': 'a', 'prod/b': 'b' } })
    const ended = await run(EXIT, { args: [client], env: { ...emulator.env } })
    expect(ended).toMatchObject(well)
    expect(said(ended)).toEqual({ stale: true, missing: 'ERR_NOT_FOUND' })
  })
})

describe('a source that says nothing and holds no socket', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test('a read that is awaited settles: the process does not end under it', async () => {
    const ended = await run(SILENCE, { args: ['foreground'] })
    expect(ended).toMatchObject(well)
    expect(said(ended)).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  test('a load in the background, which may take an hour, keeps no process alive', async () => {
    const ended = await run(SILENCE, { args: ['background'] })
    expect(ended).toMatchObject(well)
    expect(said(ended)).toEqual({ stale: true, loads: 2 })
  })

  test('a read that joins a load in the background settles', async () => {
    const ended = await run(SILENCE, { args: ['joined'] })
    expect(ended).toMatchObject(well)
    expect(said(ended)).toEqual({ stale: true, code: 'ERR_TIMEOUT', loads: 2 })
  })
})

describe('a server that says nothing, through the SDK', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test('a read that is awaited settles', async () => {
    const server = await startFaultServer()
    onTestFinished(() => server.close())
    server.set(neverAnswers)
    const ended = await run(SOCKET, { args: ['foreground'], env: envOf(server.url) })
    expect(ended).toMatchObject(well)
    expect(said(ended)).toEqual({ code: 'ERR_TIMEOUT' })
  })

  test('a load in the background ends with its attempt, and the process with it', async () => {
    const server = await startFaultServer()
    onTestFinished(() => server.close())
    const child = run(SOCKET, { args: ['background'], env: envOf(server.url) })
    await server.received(1)
    server.set(neverAnswers)
    const ended = await child
    expect(ended).toMatchObject(well)
    expect(said(ended)).toEqual({ found: true, stale: true })
    expect(server.hits).toBeGreaterThan(0)
  })
})

function envOf(url: string): Record<string, string> {
  return { AWS_ENDPOINT_URL_SECRETS_MANAGER: url, AWS_ENDPOINT_URL_SSM: url }
}
