/**
 * Contestants that take turns in rotated order, each sample divided by the floor's of the same round.
 *
 * @module
 */

import { garbageCollector } from '../support/garbage.js'

/** Something that is timed, many times over in a loop. */
export interface Contestant {
  readonly name: string
  readonly isOurs: boolean
  readonly loop: (times: number) => Promise<void>
}

/** How much is measured. */
export interface Sampling {
  readonly rounds: number
  /** Rounds before these, in which code is compiled. */
  readonly warmUpRounds: number
  readonly sampleMs: number
}

/** What came out for one contestant, in the order of the rounds. */
export interface Timing {
  readonly name: string
  readonly isOurs: boolean
  /** Processor time each time, in nanoseconds. */
  readonly ns: readonly number[]
  /** × the floor of the same round. */
  readonly ratios: readonly number[]
}

/** Enough for a quiet machine within the time that a bench has; a handful where only the method is tried. */
export function samplingOf(isQuick: boolean): Sampling {
  return isQuick ? { rounds: 3, warmUpRounds: 2, sampleMs: 8 } : { rounds: 31, warmUpRounds: 5, sampleMs: 30 }
}

/** The items from another beginning in each round, so that none always follows the same garbage or the same frequency. */
export function rotated<Item>(items: readonly Item[], round: number): readonly Item[] {
  const start = round % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

/** Times all contestants; the first is the floor. */
export async function inRounds(
  contestants: readonly Contestant[],
  { rounds, warmUpRounds, sampleMs }: Sampling,
): Promise<readonly Timing[]> {
  const collectGarbage = garbageCollector()
  const timed = contestants.map((contestant) => ({ contestant, batch: 100, ns: new Array<number>() }))
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const one of rotated(timed, round)) {
      collectGarbage()
      const { ns, batch } = await sample(one.contestant, one.batch, sampleMs)
      one.batch = batch
      if (round >= warmUpRounds) one.ns.push(ns)
    }
  }
  const floor = timed[0]?.ns ?? []
  return timed.map(({ contestant: { name, isOurs }, ns }) => ({
    name,
    isOurs,
    ns,
    ratios: ns.map((own, round) => own / (floor[round] ?? NaN)),
  }))
}

/**
 * Runs batches for `sampleMs` of processor time; batches grow until the clock is read about ten times a sample. Processor
 * time, since other processes do not add to it; a loop of cached reads never waits for anything else.
 */
async function sample(
  { loop }: Contestant,
  batch: number,
  sampleMs: number,
): Promise<{ readonly ns: number; readonly batch: number }> {
  let [times, elapsedMs, batches] = [0, 0, 0]
  const started = process.cpuUsage()
  while (elapsedMs < sampleMs) {
    await loop(batch)
    times += batch
    batches += 1
    const { user, system } = process.cpuUsage(started)
    elapsedMs = (user + system) / 1000
  }
  return { ns: (elapsedMs * 1e6) / times, batch: batches > 20 ? batch * 2 : batch }
}
