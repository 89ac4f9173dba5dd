/** Many secrets and parameters at once, and the requests that reading them takes. */

import { type Aws, outcomeOf } from './aws.js'

export function useMany(aws: () => Aws) {
  /** Seeds so many of each; `app/0`, `app/1`, … */
  function names(count: number) {
    const { emulator } = aws()
    const numbers = Array.from({ length: count }, (_, position) => position)
    emulator.seed({
      secrets: Object.fromEntries(numbers.map((number) => [`app/${number}`, `secret ${number}`])),
      parameters: Object.fromEntries(numbers.map((number) => [`/app/${number}`, `parameter ${number}`])),
    })
    return {
      secrets: numbers.map((number) => `app/${number}`),
      parameters: numbers.map((number) => `ssm:/app/${number}`),
      secretValues: numbers.map((number) => `secret ${number}`),
      parameterValues: numbers.map((number) => `parameter ${number}`),
    }
  }

  /** Reads them all in one tick. */
  const all = (refs: readonly string[], secrets = aws().secrets) =>
    Promise.all(refs.map((ref) => secrets.get(ref)))

  /** What each of them came to: its value, or the code of its failure. */
  const outcomes = (refs: readonly string[], secrets = aws().secrets) =>
    Promise.all(refs.map((ref) => outcomeOf(secrets.get(ref))))

  /** Requests since the last call, by operation. */
  function requests(): Record<string, number> {
    const { emulator } = aws()
    const counts: Record<string, number> = {}
    for (const { operation } of emulator.requests) counts[operation] = (counts[operation] ?? 0) + 1
    emulator.clearRequests()
    return counts
  }

  return { names, all, outcomes, requests }
}
