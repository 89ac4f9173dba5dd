/** Clients for scenes that need no network. */

import { onTestFinished } from 'vitest'
import {
  type LoadResult,
  type ParameterPage,
  type Reference,
  SecretsClient,
  type SecretsClientOptions,
  type SecretsEvent,
  type Service,
  type Source,
  type StoredValue,
  type TreeParameter,
} from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { Scene } from './scene.js'

/** What is stored under a name; an error, in a box, is thrown. */
export type Stored = string | Uint8Array | { readonly thrown: unknown } | (() => StoredValue)

/** Plain and sealed. */
export const MODES = [
  { mode: 'plain', seal: false },
  { mode: 'sealed', seal: true },
] as const

/** One request that is not repeated, with nothing to wait for. */
const IMPATIENT = { maxAttempts: 1 }

/** A client and a scene of it, whose clock stands still. */
export function openScene(options: SecretsClientOptions): {
  readonly secrets: SecretsClient
  readonly scene: Scene
  readonly clock: ManualClock
} {
  const events: SecretsEvent[] = []
  const clock = new ManualClock()
  const secrets = new SecretsClient({
    clock,
    retry: IMPATIENT,
    onEvent: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => secrets.close())
  return { secrets, clock, scene: new Scene(secrets, events) }
}

/** Values by name, for both services; the version of each can be raised. */
export class Stock {
  readonly #values: Map<string, Stored>
  readonly #tree: readonly TreeParameter[]
  readonly sources: readonly Source[]
  #version = 1

  constructor(values: Readonly<Record<string, Stored>>, tree: readonly TreeParameter[] = []) {
    this.#values = new Map(Object.entries(values))
    this.#tree = tree
    this.sources = [this.#sourceOf('secretsmanager'), this.#sourceOf('ssm')]
  }

  /** Stores something else, as a new version. */
  put(name: string, value: Stored): void {
    this.#version += 1
    this.#values.set(name, value)
  }

  #sourceOf(service: Service): Source {
    return {
      service,
      maxBatch: 10,
      load: (references) => Promise.resolve(references.map((reference) => this.#resultOf(reference))),
      loadPage: (): Promise<ParameterPage> => Promise.resolve({ parameters: this.#tree }),
    }
  }

  #resultOf({ name = '' }: Reference): LoadResult {
    const stored = this.#values.get(name.replace(/^\//, ''))
    if (stored === undefined) {
      return { error: Object.assign(new Error('gone'), { name: 'ResourceNotFoundException' }) }
    }
    if (typeof stored === 'function') return { value: stored() }
    if (typeof stored === 'object' && 'thrown' in stored) return { error: stored.thrown }
    const provenance = { name, versionId: `00000000-0000-4000-8000-00000000000${this.#version}` }
    const payload = typeof stored === 'string' ? { text: stored } : { bytes: stored }
    return { value: { ...payload, ...provenance } }
  }
}

/** The sources of a stock that stays as it is. */
export function sourcesOf(
  values: Readonly<Record<string, Stored>>,
  tree?: readonly TreeParameter[],
): readonly Source[] {
  return new Stock(values, tree).sources
}
