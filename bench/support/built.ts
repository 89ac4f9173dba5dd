/**
 * The library as it is shipped: what is measured is the build, not the sources under a loader.
 *
 * @module
 */

import type * as Library from 'aws-secrets-client'
import type * as EmulatorModule from 'aws-secrets-client/emulator'

/** Where the build of an entry point is: for scripts that run in a process of their own. */
export function builtUrl(entry: 'index' | 'emulator' | 'lean'): URL {
  return new URL(`../../dist/${entry}.js`, import.meta.url)
}

/**
 * `aws-secrets-client` of `dist`; rejects if nothing was built.
 *
 * @param copy - whose module it is: V8 learns nothing about one copy from what another was called with
 */
export async function builtLibrary(copy = ''): Promise<typeof Library> {
  const url = builtUrl('index')
  url.search = copy
  return (await import(url.href)) as typeof Library
}

/** `aws-secrets-client/emulator` of `dist`; rejects if nothing was built. */
export async function builtEmulator(): Promise<typeof EmulatorModule> {
  return (await import(builtUrl('emulator').href)) as typeof EmulatorModule
}
