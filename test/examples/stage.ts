/** A local AWS that the examples find in their environment, and everything that they print. */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'

/** Planted in every secret. Plain ASCII, because some examples send it in an HTTP header. */
export const NEEDLE = 'NEEDLE-p@ss:w/rd?#%41&hunter2-SECRET'

/** A further secret, as a rotation puts it in place. */
export const ROTATED = 'NEEDLE-rotated-correct-horse-SECRET'

export interface Stage {
  readonly emulator: Emulator
  /** Arguments of every call that printed. */
  readonly printed: readonly unknown[]
}

const CONSOLE = ['debug', 'error', 'info', 'log', 'warn'] as const

/** Before each test: a new emulator and new modules. After it: nothing printed gives a secret away. */
export function useStage(): () => Stage {
  let current: Stage | undefined

  beforeEach(async () => {
    vi.resetModules()
    // The SDK prefers a profile of the developer's machine to the emulator's credentials.
    vi.stubEnv('AWS_PROFILE', undefined)
    const emulator = await startEmulator({ region: 'eu-west-1' })
    for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, String(value))
    current = { emulator, printed: recordOutput() }
  })
  afterEach(async () => {
    const { emulator, printed } = take()
    vi.useRealTimers()
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await emulator.close()
    for (const secret of [NEEDLE, ROTATED]) expectNoNeedle(printed, secret)
  })

  const take = () => {
    if (current === undefined) throw new Error('used outside a test')
    return current
  }
  return take
}

function recordOutput(): readonly unknown[] {
  const printed: unknown[] = []
  for (const method of CONSOLE) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(...args))
  }
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => printed.push(chunk) > 0)
  }
  return printed
}

/** Stops the wall clock here; {@link later} moves it. */
export function freezeTime(): void {
  vi.useFakeTimers({ toFake: ['Date'] })
}

/** Lets time pass without waiting. */
export function later(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

/** Path of an example. */
export const exampleAt = (path: string): string =>
  fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))

/** Runs an example as a process of its own, and checks that its output holds no secret. */
export async function runExample(path: string): Promise<string> {
  const argv = ['--import', 'tsx', exampleAt(path)]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv)
  for (const secret of [NEEDLE, ROTATED]) expectNoNeedle([stdout, stderr], secret)
  expect(stderr).toBe('')
  return stdout
}

export interface Payments extends AsyncDisposable {
  readonly url: string
  /** The `Authorization` header of every request. */
  readonly authorizations: readonly (string | undefined)[]
  /** The key that is accepted from now on. */
  accept(apiKey: string): void
}

/** A payment service that knows one API key. */
export async function startPayments(apiKey: string): Promise<Payments> {
  const authorizations: (string | undefined)[] = []
  let accepted = apiKey
  const server = createServer(({ headers }, response) => {
    authorizations.push(headers.authorization)
    response.writeHead(headers.authorization === `Bearer ${accepted}` ? 200 : 401).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port ?? 0}/charges`,
    authorizations,
    accept: (next) => {
      accepted = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** What a promise rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: unknown) => error,
  )
