/**
 * A parameter of the fake: its numbered versions and the labels on them.
 *
 * @module
 */

import type { ParameterReference, StoredValue, TreeParameter } from 'aws-secrets-client'

/** One version as `parameterVersions` of a {@link FakeVault} tells it. */
export interface FakeParameterVersion {
  /** Its number, counted from 1. */
  readonly version: number
  /** The labels on it. */
  readonly labels: readonly string[]
  /** When it was put there, by the clock. */
  readonly createdAt: Date
}

interface Version {
  readonly text: string
  readonly isList: boolean
  readonly labels: Set<string>
  readonly createdAt: Date
}

/** See the module. */
export class ParameterItem {
  readonly name: string
  readonly arn: string
  readonly #versions: Version[] = []

  constructor({ name, arn }: { readonly name: string; readonly arn: string }) {
    this.name = name
    this.arn = arn
  }

  /** Puts a new version there; gives its number. */
  put(text: string, isList: boolean, now: number): number {
    return this.#versions.push({ text, isList, labels: new Set(), createdAt: new Date(now) })
  }

  /** Puts a label on a version, and takes it from the one that had it. Whether there is such a version. */
  label(reference: ParameterReference, label: string): boolean {
    const [, version] = this.#find(reference) ?? []
    if (version === undefined) return false
    for (const { labels } of this.#versions) labels.delete(label)
    version.labels.add(label)
    return true
  }

  /** What is stored under the selector of the reference. */
  read(reference: ParameterReference): StoredValue | undefined {
    const [version, found] = this.#find(reference) ?? []
    if (version === undefined || found === undefined) return undefined
    return {
      text: found.text,
      arn: this.arn,
      name: this.name,
      version,
      ...(reference.label !== undefined && { label: reference.label }),
      createdAt: new Date(found.createdAt),
    }
  }

  /** The latest version as a part of a tree. */
  leaf(): TreeParameter {
    const { text = '', isList = false } = this.#versions.at(-1) ?? {}
    return { name: this.name, text, isList, version: this.#versions.length }
  }

  /** All versions, oldest first, without their values. */
  versions(): readonly FakeParameterVersion[] {
    return this.#versions.map(({ labels, createdAt }, index) => {
      return { version: index + 1, labels: [...labels], createdAt: new Date(createdAt) }
    })
  }

  #find({ version, label }: ParameterReference): readonly [number, Version] | undefined {
    const number =
      label === undefined
        ? (version ?? this.#versions.length)
        : this.#versions.findIndex(({ labels }) => labels.has(label)) + 1
    const found = this.#versions[number - 1]
    return found === undefined ? undefined : [number, found]
  }
}
