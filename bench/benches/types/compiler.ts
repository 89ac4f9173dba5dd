/**
 * Type-checks a project: by `tsc` in a process of its own, and by a compiler that is warm.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'

const run = promisify(execFile)

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Inside the repository, so that validators are found. */
const SCRATCH = join(ROOT, 'bench', '.cache', 'types')

const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

/** The file that the warm compiler checks; it is never written. */
const FILE = join(SCRATCH, 'manifest.generated.ts')

/** As a careful user has it; the library as it was built. */
const SETTINGS = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: { 'aws-secrets-client': [join(ROOT, 'dist', 'index.d.ts')] },
}

/** What one run of `tsc` took. */
export interface Check {
  readonly wallMs: number
  /** Processor time, which what else the machine does changes little. */
  readonly cpuMs: number
  readonly memoryMiB: number
}

/** Has a process tell its processor time in microseconds at its end. */
const TELLING = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log(`Processor: ${user + system}`) })",
)}`

/** Checks a text by `tsc`, from nothing. */
export async function checkCold(name: string, text: string): Promise<Check> {
  const folder = join(SCRATCH, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  writeFileSync(join(folder, 'main.ts'), text)
  const config = { compilerOptions: SETTINGS, files: ['main.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const before = process.hrtime.bigint()
  const command = ['--import', TELLING, TSC, '-p', folder, '--extendedDiagnostics']
  const { stdout } = await run(process.execPath, command)
  const wallMs = Number(process.hrtime.bigint() - before) / 1e6
  return {
    wallMs,
    cpuMs: toldIn(stdout, /Processor: (\d+)/) / 1000,
    memoryMiB: toldIn(stdout, /Memory used:\s+(\d+)K/) / 1024,
  }
}

function toldIn(stdout: string, what: RegExp): number {
  const told = what.exec(stdout)?.[1]
  if (told === undefined) throw new Error(`tsc did not tell ${what.source}`)
  return Number(told)
}

/** A compiler that has parsed the library and its own files already. */
export class WarmCompiler {
  readonly #options = ts.convertCompilerOptionsFromJson(SETTINGS, SCRATCH).options
  /** Parsing is not what is measured. */
  readonly #parsed = new Map<string, ts.SourceFile>()

  /** Milliseconds of processor time that checking the text takes, with nothing checked before: the least of the rounds. */
  leastMs(text: string, rounds: number): number {
    return Math.min(...Array.from({ length: rounds }, () => this.#checkMs(text)))
  }

  #checkMs(text: string): number {
    const program = ts.createProgram([FILE], this.#options, this.#hostOf(text))
    const started = process.cpuUsage()
    const [problem] = program.getSemanticDiagnostics(program.getSourceFile(FILE))
    const { user, system } = process.cpuUsage(started)
    if (problem !== undefined) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'))
    return (user + system) / 1000
  }

  #hostOf(text: string): ts.CompilerHost {
    const base = ts.createCompilerHost(this.#options)
    return {
      ...base,
      fileExists: (path) => path === FILE || base.fileExists(path),
      getSourceFile: (path, languageVersion) => {
        if (path === FILE) return ts.createSourceFile(path, text, languageVersion)
        const file = this.#parsed.get(path) ?? base.getSourceFile(path, languageVersion)
        if (file !== undefined) this.#parsed.set(path, file)
        return file
      },
    }
  }
}
