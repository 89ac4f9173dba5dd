/** Whatever answers, a source reads the same with the AWS SDK and without it: values, pages and failures alike. */

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { LabelParameterVersionCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { expect, onTestFinished, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'
import type { ParameterReference } from '../../src/reference/reference.js'
import { failureOf } from '../../src/source/failure.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'
import type { LoadResult, Source } from '../../src/source/source.js'
import { leanSourcesAt } from '../support/lean.js'
import { type Target, contract, unique } from './target.js'

const context = { signal: new AbortController().signal }

/** The sources of both kinds, for one server. */
async function sourcesFor(target: Target) {
  const { secretsManager, ssm } = target.sdk()
  const { config } = secretsManager
  const { protocol, hostname, port = '' } = (await config.endpoint?.()) ?? { protocol: '', hostname: '' }
  const credentials = await config.credentials()
  const region = await config.region()
  const lean = leanSourcesAt({ endpoint: `${protocol}//${hostname}:${port}`, region, credentials })
  onTestFinished(() => {
    for (const source of lean) source.close?.()
  })
  const sdk = [
    new SecretsManagerSource({ client: secretsManager }),
    new ParameterStoreSource({ client: ssm }),
  ]
  return { lean, sdk }
}

/** What a source makes of the references, with what is new in each answer left out. */
async function outlineOf(sources: readonly Source[], refs: readonly string[]): Promise<unknown> {
  const references = refs.map((ref) => parseReference(ref))
  const source = sources.find(({ service }) => service === references[0]?.service)
  const results = (await source?.load(references, context)) ?? []
  return results.map((result: LoadResult, position) => {
    const reference = references[position]
    if (!('error' in result) || reference === undefined) return result
    const { requestId, ...failure } = failureOf(result.error, reference).toJSON()
    return { ...failure, hasRequestId: requestId !== undefined }
  })
}

/** Fails unless both kinds of sources make the same of each list of references. */
async function expectSame(target: Target, lists: readonly (readonly string[])[]): Promise<unknown[]> {
  const { lean, sdk } = await sourcesFor(target)
  const outlines: unknown[] = []
  for (const refs of lists) {
    const outline = await outlineOf(sdk, refs)
    expect(await outlineOf(lean, refs), refs.join(', ')).toEqual(outline)
    outlines.push(outline)
  }
  return outlines
}

contract('sources without the SDK', (target) => {
  test('read secrets of every kind as those with it', async () => {
    const { secretsManager } = target.sdk()
    const [text, bytes, gone] = [unique('lean/text'), unique('lean/bytes'), unique('lean/gone')]
    const { ARN = '', VersionId = '' } = await secretsManager.send(
      new CreateSecretCommand({ Name: text, SecretString: '{"ä":"\\u2028 one"}' }),
    )
    await secretsManager.send(new PutSecretValueCommand({ SecretId: text, SecretString: 'two' }))
    await secretsManager.send(
      new CreateSecretCommand({ Name: bytes, SecretBinary: new Uint8Array([0, 255]) }),
    )
    await secretsManager.send(new CreateSecretCommand({ Name: gone, SecretString: 'x' }))
    await secretsManager.send(new DeleteSecretCommand({ SecretId: gone, RecoveryWindowInDays: 7 }))
    const missing = unique('lean/missing')
    const singles = [text, ARN, ARN.slice(0, -7), `${text}:AWSPREVIOUS`, `${text}:${VersionId}`, bytes]
    const failures = [gone, missing, `${text}:NOSTAGE`]
    const lists = [...singles, ...failures].map((ref) => [ref])
    const outlines = await expectSame(target, [
      ...lists,
      [text, bytes, missing],
      [text, `${text}:AWSPREVIOUS`],
    ])
    expect(outlines.slice(0, singles.length)).toEqual(singles.map(() => [named()]))
    expect(outlines.slice(singles.length, lists.length)).toMatchObject(
      failures.map(() => [{ code: 'ERR_NOT_FOUND', attempts: 1 }]),
    )
  })

  test('read parameters of every kind as those with it', async () => {
    const { ssm } = target.sdk()
    const name = `/${unique('lean')}/level`
    await ssm.send(new PutParameterCommand({ Name: name, Value: 'one', Type: 'SecureString' }))
    await ssm.send(new LabelParameterVersionCommand({ Name: name, Labels: ['blue'] }))
    await ssm.send(
      new PutParameterCommand({ Name: name, Value: 'two', Type: 'SecureString', Overwrite: true }),
    )
    const [ref, missing] = [`ssm:${name}`, `ssm:/${unique('lean')}/none`]
    const singles = [ref, `${ref}:1`, `${ref}:blue`]
    const outlines = await expectSame(target, [
      ...singles.map((one) => [one]),
      [missing],
      [ref, `${ref}:1`, missing],
    ])
    expect(outlines.slice(0, 3)).toMatchObject([
      [{ value: { text: 'two', version: 2 } }],
      [{ value: { text: 'one', version: 1 } }],
      [{ value: { text: 'one', label: 'blue' } }],
    ])
    expect(outlines[3]).toMatchObject([{ code: 'ERR_NOT_FOUND' }])
  })

  test('read a tree page by page as those with it', async () => {
    const { ssm } = target.sdk()
    const root = `/${unique('lean')}/`
    for (let count = 0; count < 12; count += 1) {
      const Name = `${root}p${count}`
      await ssm.send(new PutParameterCommand({ Name, Value: `v${count}`, Type: 'StringList' }))
    }
    const { lean, sdk } = await sourcesFor(target)
    const path: ParameterReference = { ...pathOf(root), name: root }
    const [pages, expected] = [await pagesOf(lean, path), await pagesOf(sdk, path)]
    expect(pages).toEqual(expected)
    expect(pages.flat()).toHaveLength(12)
  })
})

function named(): object {
  return { value: expect.objectContaining({ name: expect.any(String) as string }) as object }
}

function pathOf(root: string): ParameterReference {
  const reference = parseReference(`ssm:${root}x`)
  if (reference.service !== 'ssm') throw new TypeError('no parameter')
  return reference
}

/** The parameters of each page. */
async function pagesOf(sources: readonly Source[], path: ParameterReference): Promise<unknown[]> {
  const source = sources.find(({ service }) => service === 'ssm')
  const pages: unknown[] = []
  let token: string | undefined
  do {
    const page = await source?.loadPage?.(path, token, context)
    if (page === undefined || !('parameters' in page)) throw new Error('no page')
    pages.push(page.parameters)
    token = page.nextToken
  } while (token !== undefined)
  return pages
}
