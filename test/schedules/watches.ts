/** The watches of one schedule, and what holds for what they yield. */

import type { SecretRead } from '../../src/index.js'
import type { Answer } from './answer-rules.js'
import type { Asked, History } from './history.js'

/** What a watch is to be told of each thing it yields: when it was asked for the next, in order and by the clock. */
type Judge = (read: SecretRead<unknown>, at: number, state: number) => Answer | undefined

class Watch {
  readonly asked: Asked
  readonly generator: AsyncGenerator<SecretRead<unknown>, void, undefined>
  readonly judge: Judge
  isPending = false
  hasEnded = false
  last: Answer | undefined

  constructor(asked: Asked, generator: AsyncGenerator<SecretRead<unknown>, void, undefined>, judge: Judge) {
    this.asked = asked
    this.generator = generator
    this.judge = judge
  }
}

/** The watches of one schedule. */
export class Watches {
  readonly #history: History
  readonly #watches: Watch[] = []

  constructor(history: History) {
    this.#history = history
  }

  /** Starts to watch, and waits for the first version. */
  start(asked: Asked, generator: AsyncGenerator<SecretRead<unknown>, void, undefined>, judge: Judge): void {
    const watch = new Watch(asked, generator, judge)
    this.#watches.push(watch)
    this.#pull(watch)
  }

  /** Somebody who watches has dealt with the last version, and wants the next. */
  next(which: number): void {
    const idle = this.#watches.filter(({ isPending, hasEnded }) => !isPending && !hasEnded)
    const watch = idle[which % Math.max(1, idle.length)]
    if (watch !== undefined) this.#pull(watch)
  }

  /** Somebody leaves the loop. */
  end(which: number): void {
    const idle = this.#watches.filter(({ isPending }) => !isPending)
    const watch = idle[which % Math.max(1, idle.length)]
    if (watch === undefined) return
    watch.hasEnded = true
    void watch.generator.return()
  }

  /** Everything has come to rest: nobody waits for a version that is known. */
  atRest(): void {
    for (const { isPending, asked, last } of this.#watches) {
      if (!isPending || last === undefined) continue
      const good = this.#history.good(asked.key, asked.secret)
      const isLoading = this.#history.items.some(
        ({ key, answeredAt }) => key === asked.key && answeredAt === undefined,
      )
      if (good === undefined || isLoading || good.item.at < last.item.at) continue
      if (good.version === last.version) continue
      this.#history.violate(
        'whoever watches gets each new version as the client comes to know of it',
        `${asked.key}: request ${good.item.id} found n=${good.version.n}`,
      )
    }
  }

  /** The client is closed: nobody waits any more. */
  expectEnded(): void {
    for (const { isPending, asked } of this.#watches) {
      if (isPending) this.#history.violate('a watch ends with its client', asked.key)
    }
  }

  /** Those who do not wait leave their loops, as they have to for nothing to be left. */
  endAll(): void {
    for (const watch of this.#watches) {
      if (!watch.isPending) void watch.generator.return()
    }
  }

  #pull(watch: Watch): void {
    const [at, state] = [this.#history.tick(), this.#history.states.length - 1]
    watch.isPending = true
    watch.generator.next().then(
      (result) => {
        watch.isPending = false
        if (result.done === true) watch.hasEnded = true
        else this.#yielded(watch, watch.judge(result.value, at, state))
      },
      (error: unknown) => {
        watch.isPending = false
        watch.hasEnded = true
        this.#history.log.push(`  watch of ${watch.asked.key} failed: ${String(error)}`)
      },
    )
  }

  #yielded(watch: Watch, answer: Answer | undefined): void {
    const { last, asked } = watch
    if (answer === undefined) return
    watch.last = answer
    if (last === undefined) return
    if (answer.version === last.version) {
      this.#history.violate('a watch yields no version twice in a row', `${asked.key}: n=${answer.version.n}`)
    }
    if (answer.item.at < last.item.at) {
      this.#history.violate(
        'a watch yields nothing older than before',
        `${asked.key}: request ${answer.item.id}`,
      )
    }
  }
}
