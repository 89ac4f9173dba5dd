/**
 * What a whole app reads, by alias, and the types of its values. A manifest is a plain object: it reads nothing.
 *
 * @module
 */

import type { ReferenceInput } from '../reference/reference.js'
import type { ReadOptions, TreeOptions } from './read-options.js'
import type { Exactly, ReadValue, TreeValue } from './read-value.js'

/** A value of a manifest, with how to read it. */
export interface ManifestValue extends Pick<
  ReadOptions,
  'as' | 'schema' | 'default' | 'ttlMs' | 'parts' | 'redacted'
> {
  /** What to read. */
  readonly ref: ReferenceInput
  /** A top-level key of a JSON value, or a JSON Pointer that starts with `/`; the same as `#field` in the reference. */
  readonly field?: string | undefined
}

/** A tree of parameters in a manifest, with how to read it. */
export interface ManifestTree extends Pick<
  TreeOptions,
  'schema' | 'default' | 'ttlMs' | 'redacted' | 'flat'
> {
  /** The path above the parameters, such as `ssm:/prod/app`. */
  readonly tree: string
}

/** An entry of a manifest: a reference, whose text is read, or an object that says more. */
export type ManifestEntry = string | ManifestValue | ManifestTree

/** What to read, by alias: the names by which the program knows its secrets. */
export type Manifest = Readonly<Record<string, ManifestEntry>>

/** Names that an object of secrets must not have: they would make it a promise, a prototype or a wrong text. */
export type ReservedAlias =
  '' | '__proto__' | 'constructor' | 'prototype' | 'then' | 'toJSON' | 'toString' | 'valueOf'

/** Refuses, at compile time, reserved aliases and members that no entry has. */
export type ExactManifest<Manifest_> = {
  readonly [Alias in keyof Manifest_]: Alias extends ReservedAlias
    ? 'is a reserved alias'
    : Manifest_[Alias] extends string
      ? unknown
      : Manifest_[Alias] extends Pick<ManifestTree, 'tree'>
        ? Exactly<Manifest_[Alias], ManifestTree>
        : Exactly<Manifest_[Alias], ManifestValue>
}

/** What a load of the manifest resolves with: each value by its alias, with the type that its entry gives it. */
export type LoadedSecrets<Manifest_, Options = unknown> = {
  readonly [Alias in keyof Manifest_]: EntryValue<Manifest_[Alias], Options>
}

type EntryValue<Entry, Options> = Entry extends string
  ? ReadValue<RedactedAs<Options>>
  : Entry extends Pick<ManifestTree, 'tree'>
    ? TreeValue<WithRedacted<Entry, Options>>
    : ReadValue<WithRedacted<Entry, Options>>

type RedactedAs<Options> = 'redacted' extends keyof Options ? Pick<Options, 'redacted'> : unknown

/** What an entry says of `redacted` itself, or else what the load says. */
type WithRedacted<Entry, Options> = 'redacted' extends keyof Entry
  ? undefined extends Entry['redacted']
    ? Omit<Entry, 'redacted'> & { readonly redacted: OwnOrShared<Entry['redacted'], Options> }
    : Entry
  : Entry & RedactedAs<Options>

type OwnOrShared<Own, Options> =
  Exclude<Own, undefined> | ('redacted' extends keyof Options ? Options['redacted'] : undefined)
