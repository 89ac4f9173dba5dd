/** A polluted `Object.prototype` changes nothing, whatever the member: of options, answers, or the client's own (I57). */

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { beforeAll, afterAll, expect, test } from 'vitest'
import { run } from '../process/run.js'

const FIXTURE = new URL('./fixtures/polluted.ts', import.meta.url)
const SRC = fileURLToPath(new URL('../../src', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every word of the library's sources that may name a member of something. */
async function memberNames(): Promise<readonly string[]> {
  const names = new Set<string>(['0', '1', 'polluted'])
  for (const path of await readdir(SRC, { recursive: true })) {
    if (!path.endsWith('.ts') || path.startsWith('emulator')) continue
    const code = (await readFile(join(SRC, path), 'utf8')).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    const uses = [/\.([A-Za-z_$][\w$]*)/g, /'([A-Za-z_$][\w$]*)'/g, /\b([A-Za-z_$][\w$]*)\??:/g, /[{,]\s*([A-Za-z_$][\w$]*)(?=\s*[,}=])/g]
    for (const use of uses) for (const [, name = ''] of code.matchAll(use)) names.add(name)
  }
  return [...names].filter((name) => !(name in {})).sort()
}

const state = { directory: '', bundle: '', names: [] as readonly string[] }

beforeAll(async () => {
  state.names = await memberNames()
  // Beside the packages, where the bundle finds those that it imports on demand.
  state.directory = await mkdtemp(join(ROOT, 'node_modules', '.isolation-'))
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true, external: ['@aws-sdk/client-secrets-manager', '@aws-sdk/client-ssm'] },
    build: { ssr: join(SRC, 'index.ts'), outDir: state.directory, emptyOutDir: false, minify: false, copyPublicDir: false },
  })
  const [bundle = ''] = (await readdir(state.directory)).filter((name) => /^index\.m?js$/.test(name))
  state.bundle = join(state.directory, bundle)
}, 60_000)

afterAll(() => rm(state.directory, { recursive: true, force: true }))

test.each(['after', 'import'])('%s', { timeout: 120_000 }, async (when) => {
  const list = join(state.directory, `${when}.json`)
  await writeFile(list, JSON.stringify(state.names))
  const ended = await run(FIXTURE, { args: [state.bundle, list, when] })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  await writeFile(`/tmp/h/pol-${when}.json`, ended.stdout)
  console.log(when, state.names.length, ended.stdout.length)
})
