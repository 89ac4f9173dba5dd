/** Runs a fixture in a process of its own, and waits for its end. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process has ended, and what it has written. */
export interface Ended {
  /** `null` where a signal has ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How a fixture is run. */
export interface RunOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /**
   * A process that has not ended by itself by then hangs, and is killed.
   *
   * @defaultValue 30 000
   */
  readonly patienceMs?: number
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const PATIENCE_MS = 30_000

/** For tests that run fixtures: a process has to start on a machine that may be busy. */
export const PROCESS_TIMEOUT_MS = 40_000

/**
 * Runs a fixture until it ends by itself.
 *
 * @param fixture - for example `new URL('./fixtures/exit.ts', import.meta.url)`
 */
export function run(
  fixture: URL,
  { args = [], env = {}, patienceMs = PATIENCE_MS }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(fixture), ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'dummy',
      AWS_SECRET_ACCESS_KEY: 'dummy',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
  })
}
