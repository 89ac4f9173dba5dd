/**
 * What a bench and the process of its emulator say to each other.
 *
 * @module
 */

import type { Emulator, EmulatorOptions, FaultOptions } from 'aws-secrets-client/emulator'

/** Options that reach another process. */
export type ServerOptions = Omit<EmulatorOptions, 'clock' | 'keepProcessAlive'>

/** Which requests a fault hits; a function cannot be sent. */
export type RemoteFaultOptions = Omit<FaultOptions, 'match'> & { readonly match?: string }

/** Members of the emulator that answer with what can be sent. */
type Plain = 'seed' | 'call' | 'count' | 'clearRequests' | 'setLatency' | 'setThrottle' | 'reset'

/** Members of the emulator that answer with a function that takes it back: a number stands for it. */
type Undoable = 'fail' | 'deny' | 'disableKey'

/** Everything that can be asked for. */
export type Methods = Pick<Emulator, Plain> & {
  readonly [Name in Undoable]: (...given: Parameters<Emulator[Name]>) => number
} & {
  readonly start: (options: ServerOptions) => Pick<Emulator, 'url' | 'env' | 'clientConfig'>
  readonly requests: () => Emulator['requests']
  readonly undo: (handle: number) => void
}

/** A question. */
export interface Question {
  readonly id: number
  readonly method: keyof Methods
  readonly given: readonly unknown[]
}

/** The answer to it; `error` is the message of what was thrown. */
export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}
