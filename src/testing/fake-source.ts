/**
 * The sources of a fake: like the built-in ones, they read several values with one request where AWS would.
 *
 * @module
 */

import type {
  LoadContext,
  LoadError,
  LoadResult,
  ParameterPage,
  ParameterReference,
  Reference,
  Source,
} from 'aws-secrets-client'
import { hasSelector } from './checks.js'
import type { FakeService } from './fake-service.js'
import type { FakeOperation } from './request-log.js'

/** The sources of both services. */
export function sourcesOf(service: FakeService): readonly [Source, Source] {
  return [secretSource(service), parameterSource(service)]
}

function secretSource(service: FakeService): Source {
  const isBatchable = (reference: Reference) =>
    reference.service === 'secretsmanager' && !hasSelector(reference)
  const operations = { one: 'GetSecretValue', several: 'BatchGetSecretValue' } as const
  return Object.freeze({
    service: 'secretsmanager',
    maxBatch: 20,
    isCounting: true,
    isBatchable,
    load: loader(service, isBatchable, operations),
  } satisfies Source)
}

function parameterSource(service: FakeService): Source {
  const isBatchable = (reference: Reference) => reference.service === 'ssm'
  const operations = { one: 'GetParameter', several: 'GetParameters' } as const
  return Object.freeze({
    service: 'ssm',
    maxBatch: 10,
    isCounting: true,
    isBatchable,
    load: loader(service, isBatchable, operations),
    async loadPage(
      path: ParameterReference,
      nextToken: string | undefined,
      context: LoadContext,
    ): Promise<ParameterPage | LoadError> {
      return service.loadPage(path, nextToken, context)
    },
  } satisfies Source)
}

function loader(
  service: FakeService,
  isBatchable: (reference: Reference) => boolean,
  { one, several }: { readonly one: FakeOperation; readonly several: FakeOperation },
): Source['load'] {
  return async (references, context) => {
    if (references.length < 2) return service.load(one, references, context)
    const shared = references.filter(isBatchable)
    const results = new Map<Reference, LoadResult>()
    const ask = async (operation: FakeOperation, asked: readonly Reference[]) => {
      const answers = await service.load(operation, asked, context)
      for (const [index, reference] of asked.entries()) {
        results.set(reference, answers[index] ?? { isUnanswered: true })
      }
    }
    const askAlone = async (reference: Reference) => {
      await ask(one, [reference]).catch((error: unknown) => results.set(reference, { error }))
    }
    await Promise.all([
      ...(shared.length > 0 ? [ask(several, shared)] : []),
      ...references.filter((reference) => !isBatchable(reference)).map(askAlone),
    ])
    return references.map((reference) => results.get(reference) ?? { isUnanswered: true })
  }
}
