/**
 * How an emulator can be started.
 *
 * @module
 */
import type { EmulatorClock } from './emulator-clock.js'
import type { OperationName } from './operations.js'
import type { Throttle } from './throttle.js'

/** A delay of answers in milliseconds, for all operations or for each by its name. */
export type Latency = number | Readonly<Partial<Record<OperationName, number>>>

/** How to start an emulator; every member has a default. */
export interface EmulatorOptions {
  /**
   * Port on 127.0.0.1; 0 takes a free one.
   *
   * @defaultValue 0
   */
  readonly port?: number
  /**
   * Region that `emulator.clientConfig`, `seed` and `call` use. Others exist too: each request goes to the
   * region that it was signed for.
   *
   * @defaultValue `'us-east-1'`
   */
  readonly region?: string
  /**
   * Account in ARNs, 12 digits.
   *
   * @defaultValue `'123456789012'`
   */
  readonly accountId?: string
  /**
   * Where time comes from.
   *
   * @defaultValue the machine's clock
   */
  readonly clock?: EmulatorClock
  /**
   * As `emulator.setLatency` takes it.
   *
   * @defaultValue 0
   */
  readonly latency?: Latency
  /** As `emulator.setThrottle` takes it; without it nothing is throttled. */
  readonly throttle?: Throttle
  /**
   * Whether the process stays alive for the emulator alone, as a stand-alone server needs it.
   *
   * @defaultValue `false`: a test that forgets to close it still ends
   */
  readonly keepProcessAlive?: boolean
}
