/**
 * Measuring in a fresh process: nothing that was compiled or allocated for another measurement is in the way.
 *
 * @module
 */

import { fork } from 'node:child_process'

/** How the process is started. */
export interface WorkerOptions {
  /** Flags of Node.js besides those of this process. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the file, hands it `input`, and resolves with what it measured; rejects when it fails or says nothing. */
export function inWorker<Output>(
  file: URL,
  input: object,
  { flags = [], env = {} }: WorkerOptions = {},
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = fork(file, {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...flags],
      env: { ...process.env, ...env },
    })
    child.on('message', (output: Output) => {
      resolve(output)
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      reject(new Error(`${file.pathname.split('/').slice(-2).join('/')} ended with ${code} and no result`))
    })
    child.send({ input })
  })
}

/** In the started file: measures what it is handed, hands back the result, and ends. */
export function serveWorker(measure: (input: never) => Promise<unknown>): void {
  // tsx switches them on: with them each error that is made costs what a hundred reads cost.
  process.setSourceMapsEnabled(false)
  process.once('message', ({ input }: { readonly input: never }) => {
    void measure(input).then(
      (output) => process.send?.(output, undefined, undefined, () => process.exit(0)),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
}
