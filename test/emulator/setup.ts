/** An emulator on a clock that stands still, with the real SDK in front of it; both end with the test. */
import { onTestFinished } from 'vitest'
import { EmulatorError, startEmulator, type EmulatorOptions } from '../../src/emulator/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { sdkFor } from '../support/sdk.js'

export const DAY_MS = 24 * 60 * 60 * 1000

export async function start(options: Omit<EmulatorOptions, 'clock'> = {}) {
  const clock = new ManualClock()
  const emulator = await startEmulator({ clock, ...options })
  const sdk = sdkFor(emulator.clientConfig)
  onTestFinished(async () => {
    sdk.destroy()
    await emulator.close()
  })
  return { emulator, clock, ...sdk }
}

/** AWS's name and text for what was refused in-process. */
export function refusalOf(run: () => unknown): { code: string; text: string | undefined } {
  try {
    run()
  } catch (error) {
    if (error instanceof EmulatorError) return { code: error.code, text: error.wireMessage }
    throw error
  }
  throw new Error('nothing was refused')
}

/** A raw request, as a client that is no SDK might send it. */
export function post(url: string, target: string, body: string, headers: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body, headers: { 'x-amz-target': target, ...headers } })
}

/** A signature in form, for a region and a service. */
export function signedFor(region: string, service: string): { authorization: string } {
  const scope = `AKID/20261121/${region}/${service}/aws4_request`
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00` }
}

/** Lets the event loop turn until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
