import { defineConfig, type Options } from 'tsup'

const shared: Options = {
  target: 'node20',
  platform: 'node',
  format: ['esm', 'cjs'],
  tsconfig: 'tools/tsconfig.build.json',
  sourcemap: false,
  splitting: true,
  removeNodeProtocol: false,
  // Pinned anyway, and inside one file they are loaded sooner.
  noExternal: ['p-retry', 'lru-cache', /^@smithy\//],
  esbuildOptions(options) {
    // The form of inlined packages of which the parts that nobody calls can be left out.
    options.mainFields = ['module', 'main']
    // What the signer would import to sign streams, and never does: here, something that costs nothing.
    options.alias = { '@smithy/core/event-streams': 'node:events' }
  },
}

export default defineConfig([
  // Each by itself: a file that they shared would cost every first read a millisecond.
  { ...shared, entry: { index: 'src/index.ts' }, dts: true },
  { ...shared, entry: { lean: 'src/lean/index.ts' }, dts: true },
  { ...shared, entry: { emulator: 'src/emulator/index.ts' }, dts: true },
  // They use the library as a user does: one copy of it, whatever of them is imported.
  {
    ...shared,
    entry: {
      credentials: 'src/integration/credentials.ts',
      mysql2: 'src/integration/mysql2.ts',
      pg: 'src/integration/pg.ts',
      rejections: 'src/integration/rejections.ts',
      rotation: 'src/rotation/index.ts',
      testing: 'src/testing/index.ts',
    },
    external: ['aws-secrets-client'],
    tsconfig: 'tools/tsconfig.outer.json',
    dts: true,
  },
])
