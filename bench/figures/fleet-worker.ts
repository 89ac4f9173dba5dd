/**
 * One process of the fleet: reads what it is told to, when it is told to, with a client that is warm by then.
 *
 * @module
 */

import { SecretsClient, type SecretsEvent } from 'aws-secrets-client'

/** How the reads of one process went. */
export interface WorkerReport {
  readonly ok: number
  /** From the order to the last answer. */
  readonly wallMs: number
  readonly requests: number
  readonly throttles: number
  /** The waits before its retries, in milliseconds. */
  readonly delaysMs: readonly number[]
}

let client = new SecretsClient()
let delaysMs: number[] = []

async function allOf(refs: readonly string[]): Promise<number> {
  const outcomes = await Promise.allSettled(refs.map((ref) => client.get(ref)))
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

/** Starts over, with nothing cached and the connections open that a cold start of `refs` will need. */
async function warmUp(refs: readonly string[]): Promise<void> {
  await client.close()
  const onEvent = (event: SecretsEvent) => {
    if (event.type === 'retry') delaysMs.push(event.delayMs)
  }
  client = new SecretsClient({ onEvent })
  await allOf(refs)
  delaysMs = []
}

async function coldRead(refs: readonly string[]): Promise<WorkerReport> {
  const before = client.stats()
  const startedAt = performance.now()
  const ok = await allOf(refs)
  const wallMs = performance.now() - startedAt
  const { requests, throttles } = client.stats()
  return {
    ok,
    wallMs,
    delaysMs,
    requests: requests - before.requests,
    throttles: throttles - before.throttles,
  }
}

/** What the parent process asks for. */
export type Order = { readonly warmUp: readonly string[] } | { readonly read: readonly string[] }

process.on('message', (order: Order) => {
  void ('warmUp' in order ? warmUp(order.warmUp) : coldRead(order.read)).then((report) =>
    process.send?.(report ?? 'ready'),
  )
})
process.send?.('started')
