/** A source whose answers a test decides, one load at a time. */

import type { Reference, Service } from '../../src/reference/reference.js'
import type { LoadContext, LoadResult, Source } from '../../src/source/source.js'
import type { StoredValue } from '../../src/stored-value.js'

export type Answer = (reference: Reference, context: LoadContext) => StoredValue | Promise<StoredValue>

export class FakeSource implements Source {
  readonly service: Service
  readonly maxBatch = 1
  readonly asked: Reference[] = []
  isClosed = false
  #answer: Answer

  constructor(answer: Answer | StoredValue, service: Service = 'secretsmanager') {
    this.service = service
    this.#answer = typeof answer === 'function' ? answer : () => answer
  }

  /** From the next load on. */
  answer(answer: Answer | StoredValue): void {
    this.#answer = typeof answer === 'function' ? answer : () => answer
  }

  async load(references: readonly Reference[], context: LoadContext): Promise<readonly LoadResult[]> {
    this.asked.push(...references)
    return Promise.all(
      references.map(async (reference) => {
        try {
          return { value: await this.#answer(reference, context) }
        } catch (error) {
          return { error }
        }
      }),
    )
  }

  close(): void {
    this.isClosed = true
  }
}

/** A text version of the secret that is asked for. */
export function textSecret(text: string, versionId = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'): Answer {
  return ({ name, versionStage }: Reference & { readonly versionStage?: string }) => ({
    text,
    name: name ?? 'prod/db',
    arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name ?? 'prod/db'}-AbCdEf`,
    versionId,
    versionStages: [versionStage ?? 'AWSCURRENT'],
    createdAt: new Date(1_799_999_000_000),
  })
}

/** A promise with its handles, for answers that a test lets go. */
export function deferred<T>(): {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
} {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** What a load of several references is answered with; a test may break the contract of a source on purpose. */
export type BatchAnswer = (references: readonly Reference[], context: LoadContext) => unknown

/** A source that takes several references in one load, each of which a test answers as a whole. */
export class FakeBatchSource implements Source {
  readonly service: Service
  readonly maxBatch: number
  /** The references of each load, in the order of the loads. */
  readonly loads: (readonly string[])[] = []
  readonly contexts: LoadContext[] = []
  #answer: BatchAnswer

  constructor(answer: BatchAnswer = echo, maxBatch = 20, service: Service = 'secretsmanager') {
    this.service = service
    this.maxBatch = maxBatch
    this.#answer = answer
  }

  /** From the next load on. */
  answer(answer: BatchAnswer): void {
    this.#answer = answer
  }

  load(references: readonly Reference[], context: LoadContext): Promise<readonly LoadResult[]> {
    this.loads.push(references.map(({ key }) => key))
    this.contexts.push(context)
    return this.#answer(references, context) as Promise<readonly LoadResult[]>
  }
}

/** Answers each reference with its own key. */
export const echo = (references: readonly Reference[]): Promise<readonly LoadResult[]> =>
  Promise.resolve(references.map(({ key }) => ({ value: { text: key, versionId: `of ${key}` } })))
