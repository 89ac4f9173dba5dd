/**
 * What figures depend on besides the code: the machine, its load, and the versions of everything that was measured.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { promisify } from 'node:util'

const ROOT = new URL('../../', import.meta.url)

/** Where and with what something was measured. */
export interface Circumstances {
  /** Day and time of the beginning, ISO 8601. */
  readonly date: string
  /** `+` behind it: there were changes that are not committed. */
  readonly commit: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  /** Processes that were running or waiting, over the last minute: much above 0 at the start means a busy machine. */
  readonly loadAtStart: number
  readonly loadAtEnd: number
  readonly versions: Readonly<Record<string, string>>
}

/** Looks around before a measurement; the function that comes back is to be called after it. */
export async function circumstances(): Promise<() => Circumstances> {
  const [date, loadAtStart] = [new Date().toISOString(), loadOfMinute()]
  const [commit, versions] = await Promise.all([commitNow(), versionsOfAll()])
  return () => ({
    date,
    commit,
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    loadAtStart,
    loadAtEnd: loadOfMinute(),
    versions,
  })
}

function loadOfMinute(): number {
  return Math.round((loadavg()[0] ?? NaN) * 100) / 100
}

async function commitNow(): Promise<string> {
  const git = async (...args: readonly string[]) =>
    (await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim()
  try {
    const changes = await git('status', '--porcelain', '--', 'src', 'bench', ':!bench/results')
    return `${await git('rev-parse', '--short=10', 'HEAD')}${changes === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

/** Everything that `bench/` depends on, and what it is measured with. */
async function versionsOfAll(): Promise<Readonly<Record<string, string>>> {
  const [library, bench] = await Promise.all([manifest('package.json'), manifest('bench/package.json')])
  const names = [
    ...Object.keys({ ...library.devDependencies }).filter((name) => name.startsWith('@aws-sdk/')),
    '@smithy/core',
    'zod',
    'typescript',
    ...Object.keys({ ...bench.dependencies }),
  ]
  const found = await Promise.all(names.map(async (name) => [name, await versionOf(name)] as const))
  return { 'aws-secrets-client': library.version ?? 'unknown', ...Object.fromEntries(found) }
}

async function versionOf(name: string): Promise<string> {
  for (const folder of ['bench/node_modules', 'node_modules']) {
    const { version } = await manifest(`${folder}/${name}/package.json`).catch(() => ({ version: undefined }))
    if (version !== undefined) return version
  }
  return 'not installed'
}

interface Manifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

async function manifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(new URL(path, ROOT), 'utf8')) as Manifest
}
