/**
 * What one read can be told.
 *
 * @module
 */

import { MAX_TIMER_MS } from '../clock.js'
import type { As, Schema } from '../decode/decode.js'
import { readyMadeAs } from '../decode/ready-made/schema.js'
import type { TreeView } from '../decode/tree.js'
import { type Members, duration, flag, membersOf, oneOf } from './checks.js'
import { schemaOption, signalOption } from './schema-and-signal.js'

/** Options of one read. */
export interface ReadOptions {
  /**
   * What to decode the value to. `text`: as it is stored; binary must be UTF-8. `json`: parsed and frozen.
   * `bytes`: a copy of the bytes, or the UTF-8 of text. `list`: the items of a comma-separated text such as a
   * StringList.
   *
   * @defaultValue `'json'` with a `schema` (`'text'` with `apiToken` and `sshKeyPair`), otherwise `'text'`
   */
  readonly as?: As | undefined
  /**
   * What the decoded value must match; the result has the schema's type. A JSON Schema (draft 2020-12 or 7) or
   * a Standard Schema such as one of zod, valibot or arktype. In a variable of its own a JSON Schema needs
   * `as const`; declare a Standard Schema once, since its results are kept by identity.
   */
  readonly schema?: Schema | undefined
  /** Ends this caller's wait, with the signal's own reason. Other callers are not affected. */
  readonly signal?: AbortSignal | undefined
  /**
   * Accept only an answer to a request that starts after this call.
   *
   * @defaultValue `false`
   */
  readonly fresh?: boolean | undefined
  /** Returned for `ERR_NOT_FOUND` and `ERR_FIELD_NOT_FOUND`, and for no other failure. */
  readonly default?: unknown
  /**
   * Milliseconds of the oldest cached value that this reader accepts, from 0 to 2147483647. Has no say over version ids, whose
   * values never change.
   *
   * @defaultValue the client's `cache.ttlMs`
   */
  readonly ttlMs?: number | undefined
  /**
   * Whether the value is split over several secrets or parameters, as `splitValue` does it; the reference is that of
   * the first part.
   *
   * @defaultValue `false`
   */
  readonly parts?: boolean | undefined
  /**
   * Whether to hand out the value in a {@link Redacted}, which shows it to nobody until its `reveal` is called.
   *
   * @defaultValue `false`
   */
  readonly redacted?: boolean | undefined
}

/** Options of a tree. */
export interface TreeOptions extends Pick<ReadOptions, 'schema' | 'signal' | 'fresh' | 'ttlMs' | 'redacted'> {
  /**
   * Whether to answer a flat object, by the path of each parameter below the root (`db/host`), instead of a nested one.
   *
   * @defaultValue `false`
   */
  readonly flat?: boolean | undefined
  /** Returned where there is no parameter below the path, and for no other failure. */
  readonly default?: unknown
}

/** Options of a load: what holds for all of its entries. */
export interface LoadOptions extends Pick<ReadOptions, 'signal' | 'fresh' | 'ttlMs'> {
  /**
   * Whether to hand out each value in a {@link Redacted}, where its entry does not say otherwise.
   *
   * @defaultValue `false`
   */
  readonly redacted?: boolean | undefined
}

/** Options of a refresh. */
export interface RefreshOptions {
  /** Whether the value is split, and all of its parts are meant. */
  readonly parts?: boolean | undefined
  /** Ends this caller's wait; the refresh itself goes on. */
  readonly signal?: AbortSignal | undefined
}

/** Options of a prefetch. */
export interface PrefetchOptions {
  /** Ends this caller's wait, with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Whether to reject with `ERR_LOAD` when any reference fails.
   *
   * @defaultValue `false`
   */
  readonly throwOnFailure?: boolean | undefined
}

/** Options of a watch: how each version is decoded, and the signal that ends it. */
export type WatchOptions = Pick<ReadOptions, 'as' | 'schema' | 'signal' | 'parts' | 'redacted'>

/** Options of one read, complete and checked. */
export interface ResolvedReadOptions {
  readonly as: As | TreeView
  readonly schema: Schema | undefined
  readonly isInParts: boolean
  readonly isRedacted: boolean
  readonly signal: AbortSignal | undefined
  readonly fresh: boolean
  readonly ttlMs: number | undefined
  /** Present when a default was given, be it `undefined`. */
  readonly fallback: { readonly value: unknown } | undefined
}

/** The names of what one read can be told. */
export const READ_OPTIONS = [
  'as',
  'schema',
  'signal',
  'fresh',
  'default',
  'ttlMs',
  'parts',
  'redacted',
] as const

const PLAIN_READ: ResolvedReadOptions = {
  as: 'text',
  schema: undefined,
  isInParts: false,
  isRedacted: false,
  signal: undefined,
  fresh: false,
  ttlMs: undefined,
  fallback: undefined,
}

/**
 * Completes and checks the options of one read. Only own properties count.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function resolveReadOptions(
  options: ReadOptions | undefined,
  known: readonly (keyof ReadOptions)[] = READ_OPTIONS,
): ResolvedReadOptions {
  return options === undefined ? PLAIN_READ : readOptionsIn(membersOf('options', options, known))
}

/**
 * Completes and checks the options of one read, among those of something else.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function readOptionsIn(read: Pick<Members<keyof ReadOptions>, 'get' | 'has'>): ResolvedReadOptions {
  const schema = schemaOption(read.get('schema'))
  return {
    as: oneOf('as', read.get('as'), ['text', 'json', 'bytes', 'list']) ?? defaultAs(schema),
    schema,
    isInParts: flag('parts', read.get('parts')) ?? false,
    isRedacted: flag('redacted', read.get('redacted')) ?? false,
    signal: signalOption(read.get('signal')),
    fresh: flag('fresh', read.get('fresh')) ?? false,
    ttlMs: duration('ttlMs', read.get('ttlMs'), 0, MAX_TIMER_MS),
    fallback: read.has('default') ? { value: read.get('default') } : undefined,
  }
}

/** What a read without `as` decodes to. */
export function defaultAs(schema: Schema | undefined): As {
  return schema === undefined ? 'text' : (readyMadeAs(schema) ?? 'json')
}

/** Completes and checks the options of a watch. */
export function resolveWatchOptions(options: WatchOptions | undefined): ResolvedReadOptions {
  return resolveReadOptions(options, ['as', 'schema', 'signal', 'parts', 'redacted'])
}

/** Completes and checks the options of a prefetch. */
export function resolvePrefetchOptions(options: PrefetchOptions | undefined): {
  readonly how: ResolvedReadOptions
  readonly throwOnFailure: boolean
} {
  const members = membersOf('options', options, ['signal', 'throwOnFailure'])
  return {
    how: { ...PLAIN_READ, signal: signalOption(members.get('signal')) },
    throwOnFailure: flag('throwOnFailure', members.get('throwOnFailure')) ?? false,
  }
}

/** Completes and checks the options of a tree. */
export function resolveTreeOptions(options: TreeOptions | undefined): ResolvedReadOptions {
  const tree = membersOf('options', options, TREE_OPTIONS)
  const isFlat = flag('flat', tree.get('flat')) ?? false
  return {
    ...PLAIN_READ,
    as: isFlat ? 'flat-tree' : 'tree',
    schema: schemaOption(tree.get('schema')),
    isRedacted: flag('redacted', tree.get('redacted')) ?? false,
    signal: signalOption(tree.get('signal')),
    fresh: flag('fresh', tree.get('fresh')) ?? false,
    ttlMs: duration('ttlMs', tree.get('ttlMs'), 0, MAX_TIMER_MS),
    fallback: tree.has('default') ? { value: tree.get('default') } : undefined,
  }
}

const TREE_OPTIONS = ['schema', 'signal', 'fresh', 'default', 'ttlMs', 'redacted', 'flat'] as const

/** Completes and checks the options of a load. */
export function resolveLoadOptions(options: LoadOptions | undefined): ResolvedReadOptions {
  return resolveReadOptions(options, ['signal', 'fresh', 'ttlMs', 'redacted'])
}

/** Completes and checks the options of a refresh. */
export function resolveRefreshOptions(options: RefreshOptions | undefined): {
  readonly signal: AbortSignal | undefined
  readonly isInParts: boolean
} {
  const members = membersOf('options', options, ['signal', 'parts'])
  return {
    signal: signalOption(members.get('signal')),
    isInParts: flag('parts', members.get('parts')) ?? false,
  }
}
