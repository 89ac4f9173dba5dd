/** A polluted `Object.prototype` changes nothing, whatever the member: of options, answers, or the client's own (I57). */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../process/run.js'

const FIXTURE = new URL('./fixtures/polluted.ts', import.meta.url)
const SRC = fileURLToPath(new URL('../../src', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What users give, what sources and AWS answer, and what the parts of the client hand to each other. */
const NAMES: readonly string[] = (
  'region clients secretsManager ssm cache maxEntries maxBytes ttlMs staleWhileRevalidateMs staleIfErrorMs ' +
  'negativeTtlMs maxNegativeTtlMs retry maxAttempts timeoutMs attemptTimeoutMs batch enabled sources seal clock ' +
  'onEvent redactRefs as schema fresh default parts redacted flat field tree throwOnFailure maxPartBytes ' +
  'name Id versionStage versionStages label createdAt isUnanswered parameters service ' +
  'SecretString Parameters InvalidParameters SecretValues Errors Type Selector CreatedDate $metadata ' +
  'what attempts code key path fallback isRedacted isInParts ' +
  'isPinned isQuiet isBackground isStale stamp previous payload decoded provenance size polluted 0 1'
).split(' ')

/** What errors, answers, ciphers and listeners are asked for. */
const ASKED: readonly string[] = (
  'arn version versionId status requestId hint retryable retryAfterMs errors error NextToken nextToken bytes text ' +
  'cause message isList ref once capture passive Version ARN SecretBinary httpStatusCode throttling $retryable ' +
  '$response headers allowStale updateAgeOnGet ttl sizeCalculation encoding authTagLength highWaterMark maxRetryTime ' +
  'randomize unref onFailedAttempt shouldConsumeRetry retries aborted reason generation part'
).split(' ')

/** What Node.js itself, from version 22 on, reads of any options when it imports a module. */
const READ_BY_NODE: readonly string[] =
  Number(process.versions.node.split('.')[0]) >= 22 ? ['encoding', 'path'] : []

/** For hundreds of runs in one process, on a machine that may be busy. */
const PATIENCE_MS = 150_000

const PATIENT = { timeout: PATIENCE_MS + 10_000 }

const promised = (names: readonly string[]) => names.filter((name) => !READ_BY_NODE.includes(name))

/**
 * What still makes reads fail: `signal`, which Node.js reads when it imports a module, the keywords of a JSON Schema,
 * and `issues`, by which a Standard Schema refuses. Not even to be tried are `then`, `get`, `set` and `value`, with
 * which no promise and no property descriptor works.
 */
const NOT_PROMISED: readonly string[] = [
  ...READ_BY_NODE,
  'signal',
  'required',
  'enum',
  'const',
  'not',
  '$ref',
  '$id',
  'issues',
]

const state = { directory: '', bundle: '' }

beforeAll(async () => {
  // Beside the packages, where the bundle finds those that it imports on demand.
  state.directory = await mkdtemp(join(ROOT, 'node_modules', '.isolation-'))
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true, external: ['@aws-sdk/client-secrets-manager', '@aws-sdk/client-ssm'] },
    build: {
      ssr: join(SRC, 'index.ts'),
      outDir: state.directory,
      emptyOutDir: false,
      minify: false,
      copyPublicDir: false,
    },
  })
  const [bundle = ''] = (await readdir(state.directory)).filter((name) => /^index\.m?js$/.test(name))
  state.bundle = join(state.directory, bundle)
}, 60_000)

afterAll(() => rm(state.directory, { recursive: true, force: true }))

interface Report {
  readonly runs: number
  readonly different: readonly { readonly names: readonly string[]; readonly outcome: string }[]
  readonly left: readonly string[]
}

async function report(names: readonly string[], when: string): Promise<Report> {
  const list = join(state.directory, `${when}-${names.length}.json`)
  await writeFile(list, JSON.stringify(names))
  const ended = await run(FIXTURE, { args: [state.bundle, list, when], patienceMs: PATIENCE_MS })
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(ended.stdout) as Report
}

test.each(['after', 'import'])('polluted %s: nothing differs', PATIENT, async (when) => {
  const { runs, different, left } = await report(promised(NAMES), when)
  expect({ different: different.map(({ names, outcome }) => `${names.join()}: ${outcome}`), left }).toEqual({
    different: [],
    left: [],
  })
  expect(runs).toBeGreaterThanOrEqual(3)
})

test.each(['after', 'import'])('polluted %s: what is asked for differs in nothing', PATIENT, async (when) => {
  const { different, left } = await report(promised(ASKED), when)
  expect({ different: different.map(({ names, outcome }) => `${names.join()}: ${outcome}`), left }).toEqual({
    different: [],
    left: [],
  })
})

test('what is not promised breaks reads, and the harness sees it', PATIENT, async () => {
  const { different } = await report(NOT_PROMISED, 'import')
  expect(different.flatMap(({ names }) => names).sort()).toEqual([...NOT_PROMISED].sort())
})
