/**
 * Declares what a whole app reads, away from where it is read.
 *
 * @module
 */

import { isSecretsError } from '../errors.js'
import type { ExactManifest, Manifest, ManifestEntry } from '../options/manifest.js'
import { resolveLoadOptions } from '../options/read-options.js'
import { resolveManifest, shownAlias } from '../options/resolve-manifest.js'
import { type NamedFailure, loadFailure } from './load-failure.js'

/**
 * A manifest for {@link SecretsClient.load} and {@link SecretsClient.prefetch}: a frozen plain object, checked as far
 * as it can be without reading anything.
 *
 * Several are put together; an alias that two of them have is refused.
 *
 * @throws TypeError that names each alias whose entry is none, or that is there twice.
 * @throws SecretsError `ERR_LOAD`, with `errors` by alias, for references that cannot be.
 *
 * @example
 * ```ts
 * export const manifest = defineSecrets({
 *   db: { ref: 'prod/db', schema: rdsCredentials },
 *   openaiKey: 'prod/openai',
 * })
 * const { db, openaiKey } = await secrets.load(manifest)
 * ```
 */
export function defineSecrets<const Entries extends Manifest>(
  manifest: Entries & ExactManifest<Entries>,
): Entries
export function defineSecrets<const First extends Manifest, const More extends readonly Manifest[]>(
  first: First & ExactManifest<First>,
  ...more: { readonly [Position in keyof More]: More[Position] & ExactManifest<More[Position]> }
): First & Merged<More>
export function defineSecrets(...manifests: readonly Manifest[]): Manifest {
  const entries = manifests.flatMap((manifest) => resolveManifest(manifest, resolveLoadOptions(undefined)))
  const merged = new Map<string, ManifestEntry>()
  const twice = entries.flatMap(({ alias, entry }, position) => {
    if (merged.has(alias)) return [`${shownAlias(alias, position)}: is there twice`]
    merged.set(alias, entry)
    return []
  })
  if (twice.length > 0) throw new TypeError(`manifest: ${twice.join('; ')}`)
  const failures = entries.flatMap(({ alias, reference }, position): NamedFailure[] =>
    isSecretsError(reference) ? [[shownAlias(alias, position), reference]] : [],
  )
  if (failures.length > 0) throw loadFailure(failures, entries.length, 'secrets')
  return Object.freeze(Object.fromEntries(merged))
}

/** All entries of several manifests. */
type Merged<Manifests> = Manifests extends readonly [infer First, ...infer More]
  ? First & Merged<More>
  : unknown
