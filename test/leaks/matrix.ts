/** Looks for the needle in what scenes leave behind, and counts where it was looked for. */

import { afterAll, expect } from 'vitest'
import { FORMS } from './forms.js'
import { type Evidence, SINKS } from './sinks.js'

/** One place where a form of the needle was found. */
export interface Find {
  readonly sink: string
  readonly form: string
  readonly excerpt: string
}

/** What every text of a sink is searched for. */
export function findsIn(evidence: Evidence): { readonly searched: number; readonly finds: readonly Find[] } {
  const finds: Find[] = []
  let searched = 0
  for (const { name, subjects, print } of SINKS) {
    const present = subjects(evidence)
    if (present.length > 0) searched += 1
    const text = present.flatMap(print).join('\n').toLowerCase()
    for (const { name: form, isIn } of FORMS) {
      if (isIn(text)) finds.push({ sink: name, form, excerpt: excerptOf(text, form) })
    }
  }
  return { searched, finds }
}

/** What is around the first line that has it. */
function excerptOf(text: string, form: string): string {
  const isIn = FORMS.find(({ name }) => name === form)?.isIn
  const lines = text.split('\n')
  const at = lines.findIndex((line) => isIn?.(line) === true)
  return lines
    .slice(Math.max(0, at - 3), at + 1)
    .map((line) => line.slice(0, 200))
    .join('\n')
}

/** A table of faults by sinks by forms, whose size is printed at the end of the file. */
export class Matrix {
  readonly #title: string
  #faults = 0
  #searched = 0
  #finds = 0
  readonly #sinks = SINKS.length

  constructor(title: string) {
    this.#title = title
    afterAll(() => {
      this.#print()
    })
  }

  /** Fails where the needle is found. */
  check(evidence: Evidence): void {
    const { searched, finds } = findsIn(evidence)
    this.#faults += 1
    this.#searched += searched
    this.#finds += finds.length
    expect(finds).toEqual([])
  }

  #print(): void {
    const cells = this.#searched * FORMS.length
    console.log(
      `leaks, ${this.#title}: ${this.#faults} scenes × up to ${this.#sinks} sinks × ${FORMS.length} forms = ` +
        `${cells} cells, ${this.#finds} finds`,
    )
  }
}
