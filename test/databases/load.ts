/** Queries that never pause for long, through connections that never live for long. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from './engine.js'

/** What an application holds: something to query through, and something to keep a session open with. */
export interface Database {
  readonly query: () => Promise<void>
  /** A session of its own. */
  readonly session: () => Promise<Session>
  readonly end: () => Promise<void>
}

/** What came of a load. */
export interface LoadReport {
  readonly queries: number
  /** Errors of queries, in the order in which they failed. */
  readonly failures: readonly unknown[]
  /** Queries through the session that was open before the rotation and after it; counted above, too. */
  readonly heldQueries: number
  /** The longest that a query took, with the login it had to wait for, in milliseconds. */
  readonly slowestMs: number
  /** From the first query to the last, in seconds. */
  readonly seconds: number
}

export interface Load {
  /** Resolves once so many more queries have ended, well or not. */
  readonly more: (queries: number) => Promise<void>
  /** Ends it once all that is under way has ended. */
  readonly stop: () => Promise<LoadReport>
}

export const WORKERS = 20

/** Queries that a connection serves before a new one takes its place. */
export const MAX_USES = 10

/** Between two queries of a worker. */
const PAUSE_MS = 40

/** A pool in a few lines, as an application may have one: a connection serves some queries and is replaced. */
export function churningPool(login: () => Promise<Session>): Database {
  const idle: { session: Session; uses: number }[] = []
  return {
    async query() {
      const taken = idle.pop() ?? { session: await login(), uses: 0 }
      await taken.session.query()
      taken.uses += 1
      if (taken.uses < MAX_USES) idle.push(taken)
      else await taken.session.end()
    },
    session: login,
    async end() {
      await Promise.all(idle.splice(0).map(({ session }) => session.end()))
    },
  }
}

/** Starts the workers, and one session that stays open. */
export async function startLoad(database: Database): Promise<Load> {
  const failures: unknown[] = []
  const counts = { queries: 0, heldQueries: 0, slowestMs: 0 }
  const state = { isOver: false }
  const startedAt = performance.now()
  const held = await database.session()

  const work = async (query: () => Promise<void>, onQuery: () => void) => {
    while (!state.isOver) {
      const askedAt = performance.now()
      try {
        await query()
        onQuery()
      } catch (error) {
        failures.push(error)
      }
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - askedAt)
      await delay(PAUSE_MS)
    }
  }
  const workers = Array.from({ length: WORKERS }, () =>
    work(database.query, () => {
      counts.queries += 1
    }),
  )
  const holder = work(held.query, () => {
    counts.queries += 1
    counts.heldQueries += 1
  })
  return {
    async more(queries) {
      const target = counts.queries + failures.length + queries
      while (counts.queries + failures.length < target) await delay(PAUSE_MS)
    },
    async stop() {
      state.isOver = true
      await Promise.all([...workers, holder])
      await held.end()
      await database.end()
      return { ...counts, failures, seconds: (performance.now() - startedAt) / 1000 }
    },
  }
}
