/**
 * Starts processes and takes down when they had their value.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Report } from './report.js'

const run = promisify(execFile)

/** One start of a process. */
export interface Start {
  /** Milliseconds from the start of the process to the value. */
  readonly valueMs: number
  /** Processor time until then, in milliseconds; less is hidden in it by what else the machine does. */
  readonly cpuMs: number
  /** Milliseconds from starting the process to its end, by the clock of who started it. */
  readonly wallMs: number
}

/** Starts a script and waits for its end. */
async function start(script: string, env: NodeJS.ProcessEnv): Promise<Start> {
  const before = process.hrtime.bigint()
  const { stdout } = await run(process.execPath, [script], { env })
  const wallMs = Number(process.hrtime.bigint() - before) / 1e6
  const { valueMs, cpuMs, isRead } = JSON.parse(stdout) as Report
  if (!isRead) throw new Error(`${script}: read nothing`)
  return { valueMs, cpuMs, wallMs }
}

/** Starts every script once a round, in an order that turns, after a round that is dropped; by script. */
export async function startInTurn(
  scripts: readonly string[],
  env: NodeJS.ProcessEnv,
  rounds: number,
): Promise<readonly (readonly Start[])[]> {
  const starts = scripts.map((): Start[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const turn of scripts.keys()) {
      const position = (turn + round) % scripts.length
      const started = await start(scripts[position] ?? '', env)
      if (round > 0) starts[position]?.push(started)
    }
  }
  return starts
}
