/** Sources that break one promise each: the suite says which. */

import type { LoadResult, ParameterPage, Reference, Service, Source, StoredValue } from 'aws-secrets-client'
import { type SourceFeature, type SourceStage, sourceConformance } from 'aws-secrets-client/testing'
import { expect, test } from 'vitest'
import { fakeStage } from './sources.js'

type Change = (source: Source) => Partial<Source>

/** A way to break a source, and the beginnings of the titles of tests that must fail for it. */
interface Defect {
  readonly what: string
  readonly service?: Service
  readonly change: Change
  readonly titles: readonly string[]
}

/** Changes what is made of the results of each load. */
const results =
  (
    change: (results: readonly LoadResult[], references: readonly Reference[]) => readonly LoadResult[],
  ): Change =>
  (source) => ({
    load: async (references, context) => change(await source.load(references, context), references),
  })

/** Changes each value. */
const values = (change: (value: StoredValue) => unknown): Change =>
  results((loaded) =>
    loaded.map((result) => ('value' in result ? ({ value: change(result.value) } as LoadResult) : result)),
  )

/** Changes what is asked for. */
const asked =
  (change: (reference: Reference) => Reference): Change =>
  (source) => ({ load: (references, context) => source.load(references.map(change), context) })

const pages =
  (change: (page: ParameterPage) => unknown): Change =>
  (source) => ({
    loadPage: async (path, token, context) => {
      const page = await source.loadPage?.(path, token, context)
      return (page !== undefined && 'parameters' in page ? change(page) : page) as ParameterPage
    },
  })

const withText = (change: (text: string) => string) =>
  values((value) => (value.text === undefined ? value : { ...value, text: change(value.text) }))

function remembering(): Change {
  return (source) => {
    const kept = new Map<string, LoadResult>()
    return {
      load: async (references, context) => {
        const loaded = await source.load(references, context)
        return loaded.map((result, index) => {
          const { key = '' } = references[index] ?? {}
          const first = kept.get(key) ?? result
          kept.set(key, first)
          return first
        })
      },
    }
  }
}

const without =
  (...members: readonly string[]) =>
  (reference: Reference): Reference => {
    const left = Object.entries(reference).filter(([member]) => !members.includes(member))
    return Object.fromEntries(left) as unknown as Reference
  }

const DEFECTS: readonly Defect[] = [
  { what: 'turns the order round', change: results((all) => [...all].reverse()), titles: ['as many as'] },
  {
    what: 'sorts by name',
    change: (source) => ({
      load: (references, context) =>
        source.load(
          [...references].sort((a, b) => (a.key < b.key ? -1 : 1)),
          context,
        ),
    }),
    titles: ['as many as'],
  },
  { what: 'leaves one out', change: results((all) => all.slice(1)), titles: ['as many as', 'text comes'] },
  { what: 'gives one too many', change: results((all) => [...all, ...all]), titles: ['text comes'] },
  {
    what: 'gives no array',
    change: () => ({ load: () => Promise.resolve(undefined as never) }),
    titles: ['text comes'],
  },
  {
    what: 'rejects where one is missing',
    change: results((all) => {
      const failed = all.find((result) => 'error' in result)
      if (failed !== undefined && 'error' in failed) throw failed.error
      return all
    }),
    titles: ['one that is missing'],
  },
  {
    what: 'gives an error that is undefined',
    change: results((all) => all.map((result) => ('error' in result ? { error: undefined } : result))),
    titles: ['one that is missing', 'a name that is not there'],
  },
  {
    what: 'leaves unanswered what is missing, also by itself',
    change: results((all) => all.map((result) => ('error' in result ? { isUnanswered: true } : result))),
    titles: ['a name that is not there'],
  },
  {
    what: 'makes something up for what is missing',
    change: results((all) => all.map((result) => ('error' in result ? { value: { text: '' } } : result))),
    titles: ['one that is missing', 'a name that is not there', 'a version id'],
  },
  {
    what: 'quotes the neighbours in an error',
    change: results((all) =>
      all.map((result) => ('error' in result ? { error: new Error(JSON.stringify(all)) } : result)),
    ),
    titles: ['the error of one'],
  },
  { what: 'trims', change: withText((text) => text.trim()), titles: ['text comes'] },
  { what: 'writes JSON anew', change: withText(reformatted), titles: ['text comes'] },
  {
    what: 'reads Latin-1',
    change: withText((text) => Buffer.from(text).toString('latin1')),
    titles: ['text comes'],
  },
  {
    what: 'takes falsy text for none',
    change: results((all) =>
      all.map((result) =>
        'value' in result && result.value.text === '' ? { error: new Error('none') } : result,
      ),
    ),
    titles: ['an empty text'],
  },
  {
    what: 'gives bytes as text',
    change: values(({ bytes, ...value }) =>
      bytes ? { ...value, text: Buffer.from(bytes).toString() } : value,
    ),
    titles: ['bytes come back'],
  },
  {
    what: 'gives text and bytes',
    change: values((value) => ({ ...value, text: value.text ?? '', bytes: Buffer.from('x') })),
    titles: ['text comes'],
  },
  { what: 'shares its bytes', change: remembering(), titles: ['bytes come back', 'each load sees'] },
  {
    what: 'names another',
    change: values((value) => ({ ...value, name: 'other' })),
    titles: ['what it says', 'in a load'],
  },
  {
    what: 'has dates as text',
    change: values((value) => ({ ...value, createdAt: 'now' })),
    titles: ['what it says'],
  },
  {
    what: 'has the ARN of another',
    change: values((value) => ({ ...value, arn: 'arn:aws:ssm:eu-west-1:1:parameter/other' })),
    titles: ['what it says'],
  },
  {
    what: 'looks at no case',
    change: values((value) => (value.text === 'value of NEAR' ? { ...value, text: 'value of near' } : value)),
    titles: ['names are told apart'],
  },
  { what: 'knows no version ids', change: asked(without('versionId')), titles: ['a version id'] },
  { what: 'knows no stages', change: asked(without('versionStage')), titles: ['a stage', 'versions of one'] },
  {
    what: 'knows no version numbers',
    service: 'ssm',
    change: asked(without('version')),
    titles: ['a version number'],
  },
  { what: 'knows no labels', service: 'ssm', change: asked(without('label')), titles: ['a label'] },
  { what: 'takes none at once', change: () => ({ maxBatch: 0 }), titles: ['it says'] },
  { what: 'is of the other service', change: () => ({ service: 'ssm' }), titles: ['it says'] },
  {
    what: 'cannot tell what is batchable',
    change: () => ({ isBatchable: () => 'yes' as never }),
    titles: ['it says'],
  },
  {
    what: 'claims to count',
    change: (source) => ({ load: (references, { signal }) => source.load(references, { signal }) }),
    titles: ['where it counts'],
  },
  {
    what: 'ignores an abort',
    change: (source) => ({
      load: (references, context) =>
        source.load(references, { ...context, signal: new AbortController().signal }),
    }),
    titles: ['a load whose signal', 'a load ends'],
  },
  {
    what: 'fails in words of its own',
    change: results((all) => all.map((result) => ('error' in result ? { error: new Error('oh') } : result))),
    titles: ['a client reads'],
  },
  {
    what: 'cannot be closed twice',
    change: () => {
      let isClosed = false
      return {
        close: () => {
          if (isClosed) throw new Error('closed')
          isClosed = true
        },
      }
    },
    titles: ['it can be closed'],
  },
  {
    what: 'has one page only',
    service: 'ssm',
    change: pages(({ parameters }) => ({ parameters })),
    titles: ['the pages of a tree'],
  },
  {
    what: 'has no last page',
    service: 'ssm',
    change: pages(({ parameters }) => ({ parameters, nextToken: '0' })),
    titles: ['the pages of a tree'],
  },
  {
    what: 'has an empty token with the last page',
    service: 'ssm',
    change: pages((page) => ({ nextToken: '', ...page })),
    titles: ['the pages of a tree'],
  },
  {
    what: 'names parameters without their path',
    service: 'ssm',
    change: pages((page) => ({
      ...page,
      parameters: page.parameters.map((leaf) => ({ ...leaf, name: leaf.name.split('/').at(-1) })),
    })),
    titles: ['the pages of a tree'],
  },
  {
    what: 'takes neighbours for what is below',
    service: 'ssm',
    change: (source) => ({
      loadPage: async (path, token, context) =>
        (await source.loadPage?.({ ...path, name: path.name?.slice(0, -1) ?? '' }, token, context)) ?? {
          parameters: [],
        },
    }),
    titles: ['the pages of a tree', 'below a path'],
  },
  {
    what: 'knows no lists',
    service: 'ssm',
    change: pages((page) => ({
      ...page,
      parameters: page.parameters.map((leaf) => ({ ...leaf, isList: false })),
    })),
    titles: ['parameters of a tree'],
  },
  {
    what: 'has parameters that are none',
    service: 'ssm',
    change: pages((page) => ({ ...page, parameters: page.parameters.map(({ name }) => ({ name })) })),
    titles: ['the pages of a tree'],
  },
  {
    what: 'has no trees',
    service: 'ssm',
    change: () => ({ loadPage: undefined as never }),
    titles: ['the pages'],
  },
]

function reformatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/** The titles of tests that fail. */
async function failing(
  service: Service,
  create: () => SourceStage,
  without: readonly SourceFeature[] = [],
): Promise<readonly string[]> {
  const works: { readonly title: string; readonly work: () => Promise<void> }[] = []
  sourceConformance({ test: (title, work) => works.push({ title, work }), service, create, without })
  const failed: string[] = []
  for (const { title, work } of works) {
    await work().catch(() => failed.push(title))
  }
  return failed
}

test.each(DEFECTS)(
  'a source that $what is caught',
  // The suite gives a source two seconds to end a load.
  { timeout: 60_000 },
  async ({ service = 'secretsmanager', change, titles }) => {
    const failed = await failing(service, () => {
      const stage = fakeStage(service)
      return { ...stage, source: { ...stage.source, ...change(stage.source) } }
    })
    for (const title of titles) expect(failed).toContainEqual(expect.stringContaining(title))
  },
)

/** No more than `Source` asks for. */
function minimalStage(service: Service): SourceStage {
  const files = new Map<string, string>()
  const load: Source['load'] = (references) =>
    Promise.resolve(
      references.map(({ name = '' }) => {
        const text = files.get(name)
        const error = { name: 'ResourceNotFoundException' }
        return text === undefined ? { error } : { value: { text } }
      }),
    )
  return { source: { service, maxBatch: 1, load }, put: (name, value) => files.set(name, String(value)) }
}

const MORE = ['abort', 'binary', 'labels', 'stages', 'trees', 'versions'] as const

test.each(['secretsmanager', 'ssm'] as const)(
  'a source of %s that does no more than it must passes',
  async (service) => {
    expect(await failing(service, () => minimalStage(service), MORE)).toEqual([])
  },
)

test('what a stage cannot do has to be said', async () => {
  const { source, put } = fakeStage('ssm')
  expect(await failing('ssm', () => ({ source, put }))).toEqual([
    'a label is the version that it is on',
    'a load ends when its signal aborts, though no answer comes',
  ])
})

test('a stage is told when a check has ended, also when it failed', async () => {
  let ended = 0
  const end = () => (ended += 1)
  const failed = await failing('ssm', () => ({ ...minimalStage('ssm'), end }), MORE)
  expect(failed).toEqual([])
  const before = ended
  await failing(
    'ssm',
    () => ({ ...minimalStage('ssm'), put: () => Promise.reject(new Error('full')), end }),
    MORE,
  )
  expect(ended).toBe(2 * before)
})

test.each(['secretsmanager', 'ssm'] as const)('a good source of %s passes', async (service) => {
  expect(await failing(service, () => fakeStage(service))).toEqual([])
})
