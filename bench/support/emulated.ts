/**
 * The emulator of AWS with what the measurements read.
 *
 * @module
 */

import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'

/** Answers take this long, which is about what AWS takes inside a region. */
export const LATENCY_MS = 5

/** A secret of about 1 KB, as JSON. */
export function secretText(id: number): string {
  return JSON.stringify({ id, username: 'orders_app', password: 'p'.repeat(960), port: 5432 })
}

/** References of parameters below a path. */
export function parameterRefs(path: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `ssm:/${path}/${position}`)
}

/** References of secrets below a prefix. */
export function secretRefs(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `${prefix}/${position}`)
}

/** Puts something under each reference. */
export function seedAll(emulator: Emulator, refs: readonly string[]): void {
  const entries = refs.map((ref, position): [string, string] => [ref, secretText(position)])
  const named = (isParameter: boolean) =>
    Object.fromEntries(
      entries
        .filter(([ref]) => ref.startsWith('ssm:') === isParameter)
        .map(([ref, text]) => [isParameter ? ref.slice('ssm:'.length) : ref, text]),
    )
  emulator.seed({ secrets: named(false), parameters: named(true) })
}

/** Runs `work` with an emulator to which the SDK clients of this process, and of children, talk meanwhile. */
export async function withEmulator<T>(work: (emulator: Emulator) => Promise<T>): Promise<T> {
  const emulator = await startEmulator({ region: 'eu-west-1', latency: LATENCY_MS })
  const before = { ...process.env }
  // The second keeps the SDK quiet about the end of its support for Node.js 20.
  Object.assign(process.env, emulator.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' })
  try {
    return await work(emulator)
  } finally {
    process.env = before
    await emulator.close()
  }
}
