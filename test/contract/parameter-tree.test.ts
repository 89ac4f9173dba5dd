import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import {
  DeleteParameterCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { SecretsClient, splitValue } from '../../src/index.js'
import { contract, unique, type Target } from './target.js'

async function put(target: Target, Name: string, options: Partial<PutParameterCommandInput> = {}) {
  const input = { Value: `of ${Name}`, Type: 'String', Overwrite: true, ...options, Name } as const
  await target.sdk().ssm.send(new PutParameterCommand(input))
}

/** The library as an application has it, with the SDK clients of the server. */
async function using<T>(target: Target, work: (secrets: SecretsClient) => Promise<T>): Promise<T> {
  const { secretsManager, ssm } = target.sdk()
  const secrets = new SecretsClient({ clients: { secretsManager, ssm } })
  try {
    return await work(secrets)
  } finally {
    await secrets.close()
  }
}

contract('a tree of parameters', (target) => {
  test('is all that lies below its path, decrypted, with lists as lists', async () => {
    const root = `/${unique('tree')}`
    await put(target, `${root}/level`, { Value: 'info' })
    await put(target, `${root}/db/host`, { Value: 'h' })
    await put(target, `${root}/db/password`, { Value: 'hunter2', Type: 'SecureString' })
    await put(target, `${root}/hosts`, { Value: 'a,b', Type: 'StringList' })
    await put(target, `${root}2/level`, { Value: 'other' })
    await put(target, root, { Value: 'the path itself' })
    const expected = { level: 'info', db: { host: 'h', password: 'hunter2' }, hosts: ['a', 'b'] }
    await using(target, async (secrets) => {
      for (const path of [root, `${root}/`, `ssm:${root}`])
        await expect(secrets.tree(path)).resolves.toEqual(expected)
      await expect(secrets.tree(root, { flat: true })).resolves.toEqual({
        level: 'info',
        'db/host': 'h',
        'db/password': 'hunter2',
        hosts: ['a', 'b'],
      })
      await expect(secrets.tree(`${root}/db`)).resolves.toEqual(expected.db)
      expect(secrets.stats().requests).toBe(2)
    })
  })

  test('may have many pages', async () => {
    const root = `/${unique('tree')}`
    const names = Array.from({ length: 25 }, (_none, at) => `p${at}`)
    await Promise.all(names.map((name) => put(target, `${root}/${name}`, { Value: name })))
    await using(target, async (secrets) => {
      const tree = await secrets.tree(root)
      expect(tree).toEqual(Object.fromEntries(names.map((name) => [name, name])))
      expect(secrets.stats().requestsByOperation).toEqual({ GetParametersByPath: 3 })
    })
  })

  test('has the names as they are: case, digits, dots', async () => {
    const root = `/${unique('tree')}`
    for (const name of ['Key', 'key', '0', '10', 'a.b', '-', '_'])
      await put(target, `${root}/${name}`, { Value: name })
    await using(target, async (secrets) => {
      await expect(secrets.tree(root)).resolves.toEqual({
        Key: 'Key',
        key: 'key',
        0: '0',
        10: '10',
        'a.b': 'a.b',
        '-': '-',
        _: '_',
      })
    })
  })

  test('of 15 levels', async () => {
    const root = `/${unique('tree')}`
    await put(target, `${root}${'/l'.repeat(14)}`, { Value: 'deep' })
    await using(target, async (secrets) => {
      await expect(secrets.tree(`${root}${'/l'.repeat(13)}`)).resolves.toEqual({ l: 'deep' })
    })
  })

  test('shows what was changed and deleted when it is read anew', async () => {
    const root = `/${unique('tree')}`
    await put(target, `${root}/a`, { Value: '1' })
    await put(target, `${root}/b`, { Value: '1' })
    await using(target, async (secrets) => {
      await secrets.tree(root)
      await put(target, `${root}/a`, { Value: '2' })
      await target.sdk().ssm.send(new DeleteParameterCommand({ Name: `${root}/b` }))
      await expect(secrets.tree(root)).resolves.toEqual({ a: '1', b: '1' })
      await expect(secrets.tree(root, { fresh: true })).resolves.toEqual({ a: '2' })
    })
  })

  test('without parameters is not found', async () => {
    const path = `/${unique('tree-none')}`
    await using(target, async (secrets) => {
      await expect(secrets.tree(path)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', ref: `ssm:${path}/` })
      await expect(secrets.tree(path, { default: {} })).resolves.toEqual({})
    })
  })

  test('with a parameter that is value and parent is flat only', async () => {
    const root = `/${unique('tree')}`
    await put(target, `${root}/a`, { Value: '1' })
    await put(target, `${root}/a/b`, { Value: '2' })
    await using(target, async (secrets) => {
      await expect(secrets.tree(root)).rejects.toMatchObject({ code: 'ERR_DECODE' })
      await expect(secrets.tree(root, { flat: true })).resolves.toEqual({ a: '1', 'a/b': '2' })
    })
  })
})

contract('a value in parts', (target) => {
  const value = 'é€😀x\n'.repeat(1000)

  test('is read from secrets, by name and by ARN', async () => {
    const name = unique('parts')
    for (const part of splitValue(name, value, { maxPartBytes: 4096 })) {
      const { secretsManager } = target.sdk()
      await secretsManager.send(new CreateSecretCommand({ Name: part.name, SecretString: part.text }))
    }
    await using(target, async (secrets) => {
      await expect(secrets.get(name, { parts: true })).resolves.toBe(value)
      const { arn = '' } = await secrets.read(name, { parts: true })
      await expect(secrets.get(arn, { parts: true })).resolves.toBe(value)
    })
  })

  test.each(['String', 'SecureString'] as const)('is read from a %s, by name and by ARN', async (Type) => {
    const name = `/${unique('parts')}`
    for (const part of splitValue(name, value, { maxPartBytes: 4096 })) {
      await put(target, part.name, { Value: part.text, Type })
    }
    await using(target, async (secrets) => {
      await expect(secrets.get(`ssm:${name}`, { parts: true })).resolves.toBe(value)
      const { arn = '' } = await secrets.read(`ssm:${name}`, { parts: true })
      await expect(secrets.get(arn, { parts: true })).resolves.toBe(value)
    })
  })
})
