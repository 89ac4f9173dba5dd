/** A secret that rotates, and a database that accepts some of its passwords, under a clock that a test moves. */

import { SecretsClient, type SecretsClientOptions, type SecretsEvent } from '../../../src/index.js'
import type { Reference } from '../../../src/reference/reference.js'
import { FakeSource } from '../../support/fake-source.js'
import { ManualClock } from '../../support/manual-clock.js'
import { NEEDLE } from '../../support/needle.js'

export const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

/** The id of the n-th version. */
export const idOf = (n: number) => `${String(n).padStart(8, '0')}-aaaa-4bbb-8ccc-000000000000`

/** The password of the n-th version. */
export const passwordOf = (n: number) => `${NEEDLE}-${n}`

/** What the database says to a password that it does not know. */
export class LoginError extends Error {
  readonly code = '28P01'
}

export const isRejected = (error: unknown): boolean => error instanceof LoginError

const failure = (name: string) => Object.assign(new Error(name), { name, $fault: 'client', $metadata: {} })

/** One secret `prod/db`, whose n-th version has the n-th password. */
export class Rotating {
  current = 1
  pending: number | undefined
  /** Raised by AWS instead of an answer. */
  trouble: string | undefined
  /** Passwords that the database accepts. */
  accepted = new Set([1])
  /** Raised by the database whatever the password. */
  outage: Error | undefined
  /** Versions in the order in which they were tried. */
  readonly tried: number[] = []
  readonly errors: Error[] = []
  readonly events: SecretsEvent[] = []
  readonly clock = new ManualClock()
  readonly source = new FakeSource((reference) => this.answer(reference))
  readonly secrets: SecretsClient

  constructor(options: SecretsClientOptions = {}) {
    this.secrets = new SecretsClient({
      clock: this.clock,
      sources: [this.source],
      retry: { maxAttempts: 1 },
      onEvent: (event) => this.events.push(event),
      ...options,
    })
  }

  /** Tries of passwords that the database did not accept. */
  get deadTries(): number {
    return this.errors.length
  }

  /** Requests to AWS. */
  get asked(): number {
    return this.source.asked.length
  }

  /** A password is set in the database; the one before is dead. */
  setPassword(n: number): void {
    this.accepted = new Set([n])
  }

  /** The whole of a rotation. */
  rotate(): void {
    this.current += 1
    this.setPassword(this.current)
  }

  /** Logs in, in the time of some turns of the event loop. */
  readonly logIn = async (password: string): Promise<number> => {
    const n = Number(/-(\d+)$/.exec(password)?.[1])
    this.tried.push(n)
    await new Promise(setImmediate)
    if (this.outage !== undefined) throw this.outage
    if (this.accepted.has(n)) return n
    const error = new LoginError(`password authentication failed (${this.errors.length})`)
    this.errors.push(error)
    throw error
  }

  /** Types of the events about credentials. */
  told(...types: readonly SecretsEvent['type'][]): readonly SecretsEvent[] {
    return this.events.filter(({ type }) => types.includes(type))
  }

  /** What AWS has for a reference now. */
  answer(reference?: Reference) {
    if (this.trouble !== undefined) throw failure(this.trouble)
    const stage = reference?.service === 'secretsmanager' ? reference.versionStage : undefined
    const n = stage === 'AWSPENDING' ? this.pending : this.current
    if (n === undefined) throw failure('ResourceNotFoundException')
    const versionStages = [n === this.current ? 'AWSCURRENT' : 'AWSPENDING']
    return { text: passwordOf(n), arn: ARN, name: 'prod/db', versionId: idOf(n), versionStages }
  }
}
