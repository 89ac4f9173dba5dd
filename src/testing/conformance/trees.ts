/**
 * Checks of pages of the parameters below a path.
 *
 * @module
 */

import assert from 'node:assert/strict'
import type { ParameterPage, TreeParameter } from 'aws-secrets-client'
import type { Check } from './check.js'
import type { Kit } from './kit.js'

/** More than any page may have to have. */
const MANY = 23

const MAX_PAGES = 100

/** See the module. */
export const treeChecks: readonly Check[] = [
  {
    title: 'the pages of a tree have every parameter below the path once, at any depth, by its whole name',
    service: 'ssm',
    needs: ['trees'],
    run: async (kit) => {
      const expected = new Map<string, string>()
      for (let number = 0; number < MANY; number += 1) {
        const short = number % 2 === 0 ? `tree/p-${number}` : `tree/deep/er/p-${number}`
        await kit.put(short, `value ${number}`)
        expected.set(kit.name(short), `value ${number}`)
      }
      for (const near of ['tree-2/p', 'tre/p', 'TREE/p']) await kit.put(near, 'not below')
      const found = await parametersOf(kit, 'tree')
      assert.equal(found.length, expected.size, 'each parameter is on one page, and none from elsewhere')
      assert.deepEqual(new Map(found.map(({ name, text }) => [name, text])), expected)
    },
  },
  {
    title: 'parameters of a tree say whether they are lists, and their version',
    service: 'ssm',
    needs: ['trees', 'lists'],
    run: async (kit) => {
      await kit.put('kinds/list', ['a', 'b'])
      await kit.put('kinds/text', 'first')
      await kit.put('kinds/text', 'a,b')
      const found = new Map(
        (await parametersOf(kit, 'kinds')).map((parameter) => [parameter.name, parameter]),
      )
      const [list, text] = [found.get(kit.name('kinds/list')), found.get(kit.name('kinds/text'))]
      assert.deepEqual([list?.text, list?.isList], ['a,b', true])
      assert.deepEqual([text?.text, text?.isList], ['a,b', false])
      assert.equal(text?.version ?? 2, 2)
    },
  },
  {
    title: 'below a path with nothing there is nothing',
    service: 'ssm',
    needs: ['trees'],
    run: async (kit) => {
      await kit.put('leaf', 'a parameter is not below itself')
      assert.deepEqual(await parametersOf(kit, 'leaf'), [])
    },
  },
]

async function parametersOf(kit: Kit, short: string): Promise<readonly TreeParameter[]> {
  const found: TreeParameter[] = []
  let token: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await pageOf(kit, short, token)
    found.push(...page.parameters)
    token = page.nextToken
    if (token === undefined) return found
  }
  throw new assert.AssertionError({
    message: `after ${MAX_PAGES} pages there is still a token of the next one`,
  })
}

async function pageOf(kit: Kit, short: string, token: string | undefined): Promise<ParameterPage> {
  const { signal } = new AbortController()
  const page: unknown = await kit.source.loadPage?.(kit.tree(short), token, { signal })
  assert.ok(page !== undefined, "the source has no method loadPage(), and `without` has no 'trees'")
  assert.ok(isPage(page), 'a page has an array of parameters, each with a name and a text')
  assert.ok(
    page.nextToken === undefined || page.nextToken !== '',
    'the last page has no token of the next one',
  )
  return page
}

function isPage(page: unknown): page is ParameterPage {
  if (typeof page !== 'object' || page === null || !('parameters' in page)) return false
  const { parameters } = page
  return Array.isArray(parameters) && parameters.every(isParameter)
}

function isParameter(parameter: unknown): boolean {
  if (typeof parameter !== 'object' || parameter === null) return false
  const { name, text, isList }: { name?: unknown; text?: unknown; isList?: unknown } = parameter
  return typeof name === 'string' && typeof text === 'string' && typeof isList === 'boolean'
}
