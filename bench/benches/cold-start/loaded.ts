/**
 * Which files a process has loaded by the time it has its value.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Tells every ES module as it is loaded; Node.js runs it in a thread of its own. */
const HOOKS = `
import { writeSync } from 'node:fs'
export function load(url, context, next) {
  writeSync(2, 'loaded ' + url + '\\n')
  return next(url, context)
}`

/** Tells every CommonJS module at the end, since they do not all pass the hooks. */
const PRELOADED = `
import { writeSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { pathToFileURL } from 'node:url'
register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(HOOKS)}`)})
const { cache } = createRequire(${JSON.stringify(import.meta.url)})
process.on('exit', () => {
  for (const file of Object.keys(cache)) writeSync(2, 'loaded ' + pathToFileURL(file).href + '\\n')
})`

/** What was loaded. */
export interface Loaded {
  /** Paths, each once. */
  readonly files: readonly string[]
  readonly kiB: number
}

/** Runs a script, which is not timed, and lists what it loads besides modules of Node.js. */
export async function loadedBy(script: string, env: NodeJS.ProcessEnv): Promise<Loaded> {
  const preload = `data:text/javascript,${encodeURIComponent(PRELOADED)}`
  const { stderr } = await run(process.execPath, ['--no-warnings', '--import', preload, script], { env })
  const urls = stderr.split('\n').flatMap((line) => (line.startsWith('loaded file:') ? line.slice(7) : []))
  return sizedFiles([...new Set(urls)].map((url) => fileURLToPath(url)))
}

/** Those of the files that fit. */
export function filesOf({ files }: Loaded, part: string): Loaded {
  return sizedFiles(files.filter((file) => file.includes(part)))
}

function sizedFiles(files: readonly string[]): Loaded {
  return { files, kiB: files.reduce((sum, file) => sum + statSync(file).size, 0) / 1024 }
}
