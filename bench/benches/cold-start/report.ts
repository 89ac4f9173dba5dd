/**
 * How an entry script says that it has its value, and when.
 *
 * @module
 */

import { writeSync } from 'node:fs'

/** What an entry script prints. */
export interface Report {
  /** Milliseconds from the start of the process to the value. */
  readonly valueMs: number
  /** Processor time of the process until then, in milliseconds. */
  readonly cpuMs: number
  /** Whether there was a value. */
  readonly isRead: boolean
}

/** Waits for the value of an entry script, prints when it came, and ends the process. */
export function report(read: Promise<unknown>): void {
  read.then(
    (value) => {
      // Not by `performance`, which would load a module that no contender needs.
      const valueMs = process.uptime() * 1000
      const { user, system } = process.cpuUsage()
      const said: Report = { valueMs, cpuMs: (user + system) / 1000, isRead: Boolean(value) }
      writeSync(1, JSON.stringify(said))
      process.exit()
    },
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}
