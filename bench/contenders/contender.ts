/**
 * What a user would pick, and how one read with it is written.
 *
 * @module
 */

import { runInThisContext } from 'node:vm'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SSMClient } from '@aws-sdk/client-ssm'

/** SDK clients to read with; a contender that needs none leaves them alone. */
export interface Clients {
  readonly secretsManager: SecretsManagerClient
  readonly ssm: SSMClient
}

/** What the source text of a read may name, besides `key`. */
export type Scope = Readonly<Record<string, unknown>>

/** One way to read secrets or parameters with a cache, set up as its own documentation says. */
export interface Contender {
  readonly name: string
  readonly isOurs: boolean
  /**
   * What one read is in a user's code, as source text that names `key` and members of its scope, such as
   * `provider.get(key, { transform: 'json' })`. Text, since each measured loop must be compiled by itself.
   */
  readonly read: string
  /** Sets it up; nothing is cached yet, except where it is told `keys` in advance as its own interface demands. */
  readonly create: (clients: Clients, keys: readonly string[]) => Scope | Promise<Scope>
  /** What a key must look like: as it is, or behind `ssm:` as in this library. */
  readonly service: 'secretsmanager' | 'ssm'
  /** What a read gives: the text, or what it is in JSON. */
  readonly gives: 'text' | 'json' | 'password'
}

/** Lifetime of what is cached, wherever one can be set: longer than any bench. */
export const TTL_MS = 3_600_000

/** Reads one key. */
export type Read = (key: string) => Promise<unknown>

/** Reads many times, in a loop that was compiled for it alone. */
export type Loop = (times: number) => Promise<void>

let compiled = 0

/** A function of its own from source text; `scope` is what it can name. */
function compile(body: string, scope: Scope): (...given: readonly unknown[]) => unknown {
  compiled += 1
  // The number keeps V8 from taking the code, and what it has learned about types, of the same text before.
  const source = `(${Object.keys(scope).join(', ')}) => ${body} // ${compiled}`
  const factory: unknown = runInThisContext(source, { filename: 'the-loop' })
  if (typeof factory !== 'function') throw new TypeError('expected the source text of an expression')
  const made: unknown = Reflect.apply(factory, undefined, Object.values(scope))
  if (typeof made !== 'function') throw new TypeError('expected the source text of a function')
  return (...given) => Reflect.apply(made, undefined, given) as unknown
}

/** One read at a time, for benches in which a hit is not what is measured. */
export function readOf({ read }: Contender, scope: Scope): Read {
  const made = compile(`async (key) => ${read}`, scope)
  return (key) => Promise.resolve(made(key))
}

/** Reads one key again and again. */
export function loopOf({ read }: Contender, scope: Scope, key: string): Loop {
  const body = `async (times) => { for (let time = 0; time < times; time += 1) await ${read} }`
  return asLoop(compile(body, { ...scope, key }))
}

/** Reads keys in an order that was drawn before: places in `keys`, a power of two of them. */
export function orderedLoopOf(
  { read }: Contender,
  scope: Scope,
  keys: readonly string[],
  order: Uint16Array,
): Loop {
  const body = `async (times) => {
    for (let time = 0; time < times; time += 1) {
      at = (at + 1) & ${order.length - 1}
      const key = keys[order[at]]
      await ${read}
    }
  }`
  return asLoop(compile(body, { ...scope, keys, order, at: 0 }))
}

/** Reads one key again and again, each time in a turn of its own of the event loop. */
export function turnLoopOf({ read }: Contender, scope: Scope, key: string): Loop {
  const body = `async (times) => {
    for (let time = 0; time < times; time += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      await ${read}
    }
  }`
  return asLoop(compile(body, { ...scope, key, setImmediate }))
}

function asLoop(made: (times: number) => unknown): Loop {
  return async (times) => {
    await made(times)
  }
}
