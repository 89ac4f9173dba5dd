/**
 * What a fake remembers of the requests that reached it: names, and never a value.
 *
 * @module
 */

import type { Service } from 'aws-secrets-client'

/** The operations of AWS that a fake stands in for. */
export type FakeOperation =
  'BatchGetSecretValue' | 'GetParameter' | 'GetParameters' | 'GetParametersByPath' | 'GetSecretValue'

/** One request. */
export interface FakeRequest {
  /** When it arrived, in milliseconds since the Unix epoch by the clock. */
  readonly at: number
  /** The service that was asked. */
  readonly service: Service
  /** The operation that the built-in source would have called. */
  readonly operation: FakeOperation
  /** What was asked for, canonically: `prod/db`, `ssm:/prod/level:3`, `ssm:/prod/app/` for a tree. */
  readonly refs: readonly string[]
  /** What the first of them, or the request as a whole, failed with, as AWS calls it; `'no answer'` for none. */
  readonly error?: string
}

/** The log of one fake. */
export class RequestLog {
  #requests: FakeRequest[] = []

  /** Adds a request at the end. */
  add(request: FakeRequest): void {
    this.#requests.push(Object.freeze(request))
  }

  /** All requests, oldest first; a copy. */
  all(): readonly FakeRequest[] {
    return [...this.#requests]
  }

  /** How many came, to one operation or in all. */
  count(operation?: FakeOperation): number {
    const requests = this.#requests
    if (operation === undefined) return requests.length
    return requests.filter((request) => request.operation === operation).length
  }

  /** Forgets them. */
  clear(): void {
    this.#requests = []
  }
}
