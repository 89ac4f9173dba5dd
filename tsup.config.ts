import { defineConfig, type Options } from 'tsup'

const shared: Options = {
  target: 'node20',
  platform: 'node',
  format: ['esm', 'cjs'],
  tsconfig: 'tools/tsconfig.build.json',
  sourcemap: false,
  splitting: true,
  noExternal: ['p-retry'],
}

export default defineConfig([
  { ...shared, entry: { index: 'src/index.ts' }, dts: true },
  { ...shared, entry: { emulator: 'src/emulator/index.ts' }, dts: true },
])
