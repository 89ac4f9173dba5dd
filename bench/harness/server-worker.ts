/**
 * The process of the emulator: it is kept out of the measured one, whose processor time and heap it would take.
 *
 * @module
 */

import type { Emulator } from 'aws-secrets-client/emulator'
import { builtEmulator } from '../support/built.js'
import type { Answer, Methods, Question } from './server-protocol.js'

const { startEmulator } = await builtEmulator()
const undoing = new Map<number, () => void>()
let running: Emulator | undefined

function emulator(): Emulator {
  if (running === undefined) throw new Error('the emulator was not started')
  return running
}

function remember(undo: () => void): number {
  const handle = undoing.size
  undoing.set(handle, undo)
  return handle
}

type Answering = { readonly [Name in keyof Methods]: (...given: Parameters<Methods[Name]>) => unknown }

const answering: Answering = {
  async start(options) {
    running = await startEmulator({ region: 'eu-west-1', ...options })
    const { url, env, clientConfig } = running
    return { url, env, clientConfig }
  },
  seed: (...given) => {
    emulator().seed(...given)
  },
  call: (...given) => emulator().call(...given),
  count: (...given) => emulator().count(...given),
  requests: () => emulator().requests,
  clearRequests: () => {
    emulator().clearRequests()
  },
  setLatency: (...given) => {
    emulator().setLatency(...given)
  },
  setThrottle: (...given) => {
    emulator().setThrottle(...given)
  },
  reset: () => {
    emulator().reset()
  },
  fail: (...given) => remember(emulator().fail(...given)),
  deny: (...given) => remember(emulator().deny(...given)),
  disableKey: (...given) => remember(emulator().disableKey(...given)),
  undo: (handle) => undoing.get(handle)?.(),
}

async function answer({ id, method, given }: Question): Promise<Answer> {
  try {
    const result: unknown = await Reflect.apply(answering[method], undefined, given)
    return { id, result }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : 'the emulator failed' }
  }
}

process.on('message', (question: Question) => {
  void answer(question).then((said) => process.send?.(said))
})
// Nobody is left to ask.
process.on('disconnect', () => {
  process.exit()
})
