/** The real client over the real SDK against the fault server, on a clock that moves only when nothing else can happen. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { onTestFinished } from 'vitest'
import type { SleepOptions } from '../../src/clock.js'
import { SecretsClient, type SecretsClientOptions, type SecretsEvent } from '../../src/index.js'
import { type FaultServer, type FaultServerOptions, startFaultServer } from '../support/fault-server.js'
import type { Fault } from '../support/fault-server/fault.js'
import { leanSourcesOf } from '../support/lean.js'
import { ManualClock } from '../support/manual-clock.js'

/** The defaults of the client, which the catalogue is about. */
export const POLICY = {
  ttlMs: 300_000,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 3_600_000,
  negativeTtlMs: 1_000,
  maxNegativeTtlMs: 60_000,
  maxAttempts: 3,
  timeoutMs: 5_000,
  attemptTimeoutMs: 2_000,
} as const

/** I22: every call settles by its deadline and this. */
const GRACE_MS = 50

/** Real time after which a test that waits for the network says so, before vitest's own limit ends it dumb. */
const STUCK_MS = 15_000

/** What a sleep is for: the end of a call, the end of an attempt, or the wait between two attempts. */
type Purpose = 'call' | 'attempt' | 'back-off'

/** A manual clock that knows what each sleep is for. */
class StepClock extends ManualClock {
  /** Attempts begun so far. */
  attempts = 0
  readonly #asleep = new Set<{ readonly purpose: Purpose; readonly wakeAt: number }>()
  #backoffMs: number | undefined

  override sleep(ms: number, options?: SleepOptions): Promise<void> {
    const purpose = this.#purposeOf(ms)
    if (purpose === 'attempt') this.attempts += 1
    const sleeper = { purpose, wakeAt: this.mono + ms }
    this.#asleep.add(sleeper)
    const forget = () => {
      this.#asleep.delete(sleeper)
    }
    const slept = super.sleep(ms, options)
    slept.then(forget, forget)
    return slept
  }

  /** The next sleep, of just so long, is a wait between two attempts. */
  announce(backoffMs: number): void {
    this.#backoffMs = backoffMs
  }

  /** How many sleep for this purpose. */
  count(purpose: Purpose): number {
    return [...this.#asleep].filter((sleeper) => sleeper.purpose === purpose).length
  }

  /** To the moment at which the next sleeper wakes, in whole milliseconds. */
  advanceToNext(): void {
    const wakeAt = Math.min(...[...this.#asleep].map((sleeper) => sleeper.wakeAt))
    if (wakeAt < Infinity) this.advance(Math.max(0, Math.ceil(wakeAt - this.mono)))
  }

  #purposeOf(ms: number): Purpose {
    if (Math.ceil(ms) === this.#backoffMs) {
      this.#backoffMs = undefined
      return 'back-off'
    }
    return ms === POLICY.timeoutMs ? 'call' : 'attempt'
  }
}

/** What carries the requests: SDK clients of the user, or nothing but Node.js. */
export type BenchTransport = 'sdk' | 'lean'

/** A client, its server and its clock. */
export class Bench {
  readonly server: FaultServer
  readonly clock = new StepClock()
  readonly secrets: SecretsClient
  readonly events: SecretsEvent[] = []
  #fault: Fault | undefined
  #hangs = false

  /** @internal */
  constructor(server: FaultServer, options: SecretsClientOptions, transport: BenchTransport) {
    this.server = server
    this.secrets = new SecretsClient({
      clock: this.clock,
      ...(transport === 'lean' ? { sources: leanSourcesOf(server, this.clock) } : { clients: sdkOf(server) }),
      onEvent: (event) => {
        this.events.push(event)
        if (event.type === 'retry') this.clock.announce(event.delayMs)
      },
      ...options,
    })
  }

  /** From now on this fault acts, or none; all counts start from 0. */
  readonly meet = (fault?: Fault, { hangs = false }: { readonly hangs?: boolean } = {}): void => {
    this.#fault = fault
    this.#hangs = hangs
    this.server.set(fault)
    this.server.clear()
    this.clock.attempts = 0
    this.events.length = 0
  }

  /** What became of the calls; fails when one is still open after its deadline. */
  readonly settle = async <T>(calls: readonly Promise<T>[]): Promise<readonly PromiseSettledResult<T>[]> => {
    const settled = Promise.allSettled(calls)
    let isOver = false
    void settled.then(() => (isOver = true))
    await this.until(() => isOver)
    return settled
  }

  /** Lets everything happen until it is over, time too where nothing else can. */
  async until(isOver: () => boolean): Promise<void> {
    const deadline = this.clock.mono + POLICY.timeoutMs + GRACE_MS
    const stuckAt = performance.now() + STUCK_MS
    await turns(1)
    while (!isOver()) {
      if (this.#mayAdvance()) await this.#step()
      if (this.clock.mono > deadline) throw new Error('a call is open after its deadline (I22)')
      if (performance.now() > stuckAt) throw new Error(`stuck: ${this.#state()}`)
      await turns(1)
    }
  }

  /** Fails unless the client has come to rest: no timer, and no connection. */
  readonly rest = async (): Promise<void> => {
    await this.until(() => this.clock.sleeping === 0 && this.server.open === 0)
  }

  /** Time may pass when all that is under way waits for it: in a back-off, or for an answer that never comes. */
  #mayAdvance(): boolean {
    const { clock, server } = this
    if (clock.count('attempt') === 0) return clock.count('back-off') > 0
    // The SDK asks for credentials once, and has every attempt wait for them.
    const begun = this.#fault?.at === 'credentials' ? 1 : clock.attempts
    return this.#hangs && server.hits >= begun
  }

  async #step(): Promise<void> {
    await turns(5)
    this.server.drip()
    await turns(1)
    if (this.#mayAdvance()) this.clock.advanceToNext()
  }

  #state(): string {
    const { clock, server } = this
    const counts = (['call', 'attempt', 'back-off'] as const).map((purpose) => clock.count(purpose))
    return JSON.stringify({ counts, attempts: clock.attempts, hits: server.hits, open: server.open })
  }
}

/** As users make them: with the SDK's own three attempts, of which nothing may be seen (I41). */
function sdkOf({ clientConfig }: FaultServer): NonNullable<SecretsClientOptions['clients']> {
  return { secretsManager: new SecretsManagerClient(clientConfig), ssm: new SSMClient(clientConfig) }
}

/** A bench that is taken down at the end of the test. */
export async function openBench(
  server: FaultServerOptions = {},
  options: SecretsClientOptions = {},
  transport: BenchTransport = 'sdk',
): Promise<Bench> {
  const bench = new Bench(await startFaultServer(server), options, transport)
  onTestFinished(async () => {
    await bench.secrets.close()
    await bench.server.close()
  })
  return bench
}

/** Lets the event loop turn, so that whatever can happen without a timer goes on. */
export async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve))
}
