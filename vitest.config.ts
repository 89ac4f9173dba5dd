import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: {
      'aws-secrets-client/emulator': here('./src/emulator/index.ts'),
      'aws-secrets-client/lean': here('./src/lean/index.ts'),
      'aws-secrets-client/credentials': here('./src/integration/credentials.ts'),
      'aws-secrets-client/mysql2': here('./src/integration/mysql2.ts'),
      'aws-secrets-client/pg': here('./src/integration/pg.ts'),
      'aws-secrets-client/rejections': here('./src/integration/rejections.ts'),
      'aws-secrets-client/rotation': here('./src/rotation/index.ts'),
      'aws-secrets-client/testing': here('./src/testing/index.ts'),
      'aws-secrets-client': here('./src/index.ts'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    // What waits for a server or another process: a busy machine is slow, not wrong.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/moto.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      thresholds: { lines: 95, branches: 95, functions: 95, statements: 95 },
    },
  },
})
