/**
 * A project of a user: the packed library among its modules, and a script for each contender, as it is and bundled.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const ENTRIES = fileURLToPath(new URL('entries', import.meta.url))

/**
 * Inside the repository, so that every package but the library is found where all contenders find it: the SDK is one
 * and the same copy.
 */
const SCRATCH = join(ROOT, 'bench', '.cache', 'cold-start')

/** How the script of a contender is started. */
export type Layout = 'import' | 'require' | 'bundle' | 'split'

/** Scripts ready to be started. */
export interface Scratch {
  /** The script of a contender. */
  readonly scriptOf: (entry: string, layout: Layout) => string
  /** What bundling said of a script; in KiB. */
  readonly bundleKiB: (entry: string) => number
}

const SHARED: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'error',
  // Not ours, which leads to the sources of the library.
  tsconfigRaw: {},
  absWorkingDir: SCRATCH,
}

/** What CommonJS inside an ES module needs in order to load modules of Node.js. */
const REQUIRE = {
  js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
}

/** As a user would: one minified ES module, everything else left as esbuild has it for Node.js. */
const BUNDLED: BuildOptions = {
  ...SHARED,
  minify: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: REQUIRE,
}

const BUILDS: Readonly<Record<Layout, BuildOptions>> = {
  // Only the helpers of the script itself become part of it.
  import: { ...SHARED, packages: 'external', format: 'esm', outExtension: { '.js': '.mjs' } },
  require: { ...SHARED, packages: 'external', format: 'cjs', outExtension: { '.js': '.cjs' } },
  bundle: BUNDLED,
  split: { ...BUNDLED, splitting: true },
}

/** Packs the library as it was built, and writes the scripts of all contenders. */
export async function prepareScratch(entries: readonly string[]): Promise<Scratch> {
  rmSync(SCRATCH, { recursive: true, force: true })
  unpackLibrary()
  writeFileSync(join(SCRATCH, 'package.json'), JSON.stringify({ name: 'cold-start', private: true }))
  const sources = join(SCRATCH, 'sources')
  // The bundler must find the packed library, and finds packages from where a script lies.
  execFileSync('cp', ['-r', join(ENTRIES, '..'), sources])
  for (const [layout, options] of Object.entries(BUILDS)) {
    for (const entry of entries) {
      const outdir = join(SCRATCH, layout, entry)
      const external = options.packages === 'external' ? [] : notInstalled(entry)
      await build({ ...options, external, entryPoints: [join(sources, 'entries', `${entry}.ts`)], outdir })
    }
  }
  const scriptOf = (entry: string, layout: Layout) =>
    join(SCRATCH, layout, entry, `${entry}${layout === 'require' ? '.cjs' : '.mjs'}`)
  const bundleKiB = (entry: string) => readFileSync(scriptOf(entry, 'bundle')).length / 1024
  return { scriptOf, bundleKiB }
}

/** SDK clients that somebody who reads only this would not install, so that they are in no bundle of theirs. */
function notInstalled(entry: string): string[] {
  if (entry.startsWith('lean-')) return ['@aws-sdk/*']
  if (!entry.startsWith('ours-')) return []
  return [entry === 'ours-parameter' ? '@aws-sdk/client-secrets-manager' : '@aws-sdk/client-ssm']
}

function unpackLibrary(): void {
  const target = join(SCRATCH, 'node_modules', 'aws-secrets-client')
  mkdirSync(target, { recursive: true })
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', SCRATCH],
    { cwd: ROOT, encoding: 'utf8' },
  )
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  execFileSync('tar', ['-xzf', join(SCRATCH, filename), '-C', target, '--strip-components=1'])
}
