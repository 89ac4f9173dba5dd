/** Schemas of every temper, those that answer late only when the schedule says so. */

// A refusal is put into words with its help: loaded beforehand, for no schedule waits for a file.
import '@cfworker/json-schema'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** The schemas by name. */
export const SCHEMAS = ['plain', 'slow', 'dated', 'slow, dated', 'refusing', 'throwing', 'picky'] as const

/** Name of a schema. */
export type SchemaName = (typeof SCHEMAS)[number]

/** What the client is given as a schema. */
export type Schema = StandardSchemaV1 | { readonly type: 'object'; readonly required: readonly ['n'] }

type Result = StandardSchemaV1.Result<unknown>

/** The schemas of one schedule. */
export class Schemas {
  readonly #waiting: (() => void)[] = []
  readonly #schemas: Readonly<Record<SchemaName, Schema>> = {
    plain: { type: 'object', required: ['n'] },
    slow: standard((value) => this.#later(() => ({ value }))),
    dated: standard((value) => ({ value: dated(value) })),
    'slow, dated': standard((value) => this.#later(() => ({ value: dated(value) }))),
    refusing: standard(() => this.#later(() => ({ issues: [{ message: 'refused', path: ['n'] }] }))),
    throwing: standard(() =>
      this.#later(() => {
        throw new Error('a schema that throws')
      }),
    ),
    // What it refuses is a version that does not match: the client may then serve the one before.
    picky: standard((value) =>
      numberIn(value) % 2 === 0 ? { value } : { issues: [{ message: 'odd', path: ['n'] }] },
    ),
  }

  /** A schema by its name, the same each time. */
  get(name: SchemaName): Schema {
    return this.#schemas[name]
  }

  /** One of the schemas that wait answers. */
  validate(which: number): void {
    const [go] = this.#waiting.splice(which % Math.max(1, this.#waiting.length), 1)
    go?.()
  }

  /** Every schema that waits answers. */
  validateAll(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  #later(result: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(result())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

/** Whether a schema answers only when the schedule says so. */
export function isSlow(name: SchemaName | undefined): boolean {
  return name !== undefined && name !== 'plain' && name !== 'dated' && name !== 'picky'
}

/** The `n` in a payload. */
export function numberIn(value: unknown): number {
  return typeof value === 'object' && value !== null && 'n' in value ? Number(value.n) : NaN
}

function standard(validate: (value: unknown) => Result | Promise<Result>): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'schedules', validate } }
}

/** With an instance of a class, which every caller is to get for their own. */
function dated(value: unknown): unknown {
  return { ...(typeof value === 'object' && value), at: new Date(0) }
}
