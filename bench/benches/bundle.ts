/**
 * What the library adds to a bundle, besides the SDK.
 *
 * @module
 */

import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Metafile, type OutputFile, build } from 'esbuild'
import type { Bench, Table } from '../harness/bench.js'
import { builtUrl } from '../support/built.js'

const BENCH = fileURLToPath(new URL('..', import.meta.url))

/** What somebody imports. */
interface Import {
  readonly label: string
  readonly code: string
  readonly isOurs: boolean
}

const IMPORTS: readonly Import[] = [
  ours('`SecretsClient`', "export { SecretsClient } from 'aws-secrets-client'"),
  ours('`getSecret`', "export { getSecret } from 'aws-secrets-client'"),
  ours('`aws-secrets-client`, all of it', "export * from 'aws-secrets-client'"),
  ours('`aws-secrets-client/lean`', "export * from 'aws-secrets-client/lean'"),
  ours('`aws-secrets-client/emulator`', "export * from 'aws-secrets-client/emulator'"),
  other('powertools `getSecret`', "export { getSecret } from '@aws-lambda-powertools/parameters/secrets'"),
  other('powertools `getParameter`', "export { getParameter } from '@aws-lambda-powertools/parameters/ssm'"),
  other(
    'powertools, both',
    `export { getSecret } from '@aws-lambda-powertools/parameters/secrets'
     export { getParameter } from '@aws-lambda-powertools/parameters/ssm'`,
  ),
  other(
    'middy with secrets-manager',
    `export { default as middy } from '@middy/core'
     export { default as secretsManager } from '@middy/secrets-manager'`,
  ),
  other(
    'middy with both',
    `export { default as middy } from '@middy/core'
     export { default as secretsManager } from '@middy/secrets-manager'
     export { default as ssm } from '@middy/ssm'`,
  ),
  other('`lru-cache`', "export { LRUCache } from 'lru-cache'"),
]

function ours(label: string, code: string): Import {
  return { label, code, isOurs: true }
}

function other(label: string, code: string): Import {
  return { label, code, isOurs: false }
}

/** Bytes of one import. */
interface Sizes {
  readonly minified: number
  readonly gzip: number
  readonly brotli: number
  /** Minified, without what is only loaded when it is needed. */
  readonly atOnce: number
}

/** The bench of sizes. */
export const bundle: Bench = {
  name: 'bundle',
  title: 'Bundle: what is added to the SDK',
  async measure() {
    const sizes = await Promise.all(IMPORTS.map(async ({ code }) => sizesOf(code)))
    const bars = IMPORTS.map(({ label, isOurs }, position) => {
      const kiB = (sizes[position]?.minified ?? NaN) / 1024
      return { label: label.replaceAll('`', ''), median: kiB, min: kiB, max: kiB, isOurs }
    })
    return {
      tables: [tableOf(sizes)],
      targets: [],
      charts: [
        {
          name: 'minified',
          title: 'Minified, without the SDK',
          drawing: { kind: 'bars', unit: 'KiB', isLogarithmic: false, bars },
        },
      ],
      notes: [
        'By esbuild, minified, an ES module for Node.js; everything of `@aws-sdk` and `@smithy` is left out, and so is what Node.js brings along.',
        '`at once` is what a bundle that is split into chunks loads before the first read; the rest is loaded when it is needed.',
        'The budgets that `npm run check:size` holds the library to are in `.size-limit.json`.',
      ],
    }
  },
}

function tableOf(sizes: readonly Sizes[]): Table {
  const rows = IMPORTS.map(({ label }, position) => {
    const { minified = NaN, gzip = NaN, brotli = NaN, atOnce = NaN } = sizes[position] ?? {}
    return [label, ...[minified, gzip, brotli, atOnce].map((bytes) => (bytes / 1024).toFixed(1))]
  })
  return {
    title: 'Sizes in KiB, without the SDK',
    columns: ['import', 'minified', 'gzip', 'brotli', 'at once, minified'],
    rows,
  }
}

async function sizesOf(code: string): Promise<Sizes> {
  const [whole] = (await bundled(code, false)).files
  const split = await bundled(code, true)
  const contents = whole?.contents ?? new Uint8Array()
  return {
    minified: contents.length,
    gzip: gzipSync(contents).length,
    brotli: brotliCompressSync(contents).length,
    atOnce: bytesAtOnce(split.metafile),
  }
}

/** A bundle in memory. */
interface Bundled {
  readonly files: readonly OutputFile[]
  readonly metafile: Metafile
}

async function bundled(code: string, isSplit: boolean): Promise<Bundled> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: BENCH, sourcefile: 'import.js' },
    alias: {
      'aws-secrets-client/lean': fileURLToPath(builtUrl('lean')),
      'aws-secrets-client/emulator': fileURLToPath(builtUrl('emulator')),
      'aws-secrets-client': fileURLToPath(builtUrl('index')),
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: isSplit,
    external: ['@aws-sdk/*', '@smithy/*'],
    // Not ours, which leads to the sources of the library.
    tsconfigRaw: {},
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  return { files: outputFiles, metafile }
}

/** Bytes of the entry, and of the chunks that it imports by a statement. */
function bytesAtOnce({ outputs }: Metafile): number {
  const wanted = Object.keys(outputs).filter((file) => file.endsWith('stdin.js'))
  for (const file of wanted) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && path in outputs && !wanted.includes(path)) wanted.push(path)
    }
  }
  return wanted.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
}
