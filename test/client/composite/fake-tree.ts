/** A source of Parameter Store whose pages a test decides. */

import type { ParameterReference } from '../../../src/reference/reference.js'
import type { LoadContext, LoadError, LoadResult, ParameterPage, Source } from '../../../src/source/source.js'

/** The answer to one request; a test may break the contract of a source on purpose. */
export type PageAnswer = (nextToken: string | undefined, context: LoadContext) => unknown

export class FakeTree implements Source {
  readonly service = 'ssm'
  readonly maxBatch = 1
  /** The path and the token of each request. */
  readonly asked: (readonly [string, string | undefined])[] = []
  readonly contexts: LoadContext[] = []
  readonly #answer: PageAnswer

  constructor(answer: PageAnswer) {
    this.#answer = answer
  }

  load(): Promise<readonly LoadResult[]> {
    throw new Error('nobody reads a single parameter')
  }

  loadPage(
    { name = '' }: ParameterReference,
    nextToken: string | undefined,
    context: LoadContext,
  ): Promise<ParameterPage | LoadError> {
    this.asked.push([name, nextToken])
    this.contexts.push(context)
    return this.#answer(nextToken, context) as Promise<ParameterPage | LoadError>
  }
}

/** Pages that lead from one to the next, each of one parameter. */
export const chain =
  (count: number, textOf = (number: number) => `text ${number}`): PageAnswer =>
  (nextToken) => {
    const number = Number(nextToken ?? '1')
    const parameter = { name: `/prod/p${number}`, text: textOf(number), isList: false, version: 1 }
    return { parameters: [parameter], ...(number < count && { nextToken: String(number + 1) }) }
  }
