/** Every step is interrupted at every point, before and after the effect, and asked for again. */

import { apiKey, alternatingUsers, createRotationHandler, singleUser } from 'aws-secrets-client/rotation'
import type { RotationHandler } from 'aws-secrets-client/rotation'
import type { Emulator } from 'aws-secrets-client/emulator'
import { describe, expect, test } from 'vitest'
import { MemoryDatabase } from './memory-database.js'
import { PATIENCE_MS, arnOf, credentialsAt, secretOf, start, textAt } from './setup.js'

interface World {
  readonly emulator: Emulator
  readonly handler: RotationHandler
  /** Lets a call of the database or provider fail. */
  readonly failAt: (call: number, when: 'before' | 'after') => void
  /** How many calls there were since then. */
  readonly calls: () => number
  /** Fails the test unless clients have credentials that work. */
  readonly check: () => Promise<void>
}

async function singleUserWorld(): Promise<World> {
  const { emulator, client } = await start()
  const database = new MemoryDatabase()
  database.add('app', 'first', 'read')
  emulator.seed({ secrets: { db: secretOf('app', 'first') } })
  const check = async () => {
    expect(database.accepts(await credentialsAt(emulator, 'db'))).toBe(true)
    expect([...database.users.keys()]).toEqual(['app'])
  }
  const handler = createRotationHandler({ ...singleUser(database), client })
  return { emulator, handler, check, ...faultsOf(database) }
}

const faultsOf = (database: MemoryDatabase) => ({
  failAt: database.failAt.bind(database),
  calls: () => database.calls.length,
})

async function alternatingUsersWorld(): Promise<World> {
  const { emulator, client } = await start()
  const database = new MemoryDatabase()
  database.add('app', 'first', 'read', 'write')
  database.add('admin', 'admin', 'admin')
  emulator.seed({ secrets: { master: secretOf('admin', 'admin') } })
  emulator.seed({ secrets: { db: secretOf('app', 'first', { masterarn: arnOf(emulator, 'master') }) } })
  const check = async () => {
    const current = await credentialsAt(emulator, 'db')
    expect(database.accepts(current)).toBe(true)
    expect(database.accepts(await credentialsAt(emulator, 'db', 'AWSPREVIOUS'))).toBe(true)
    expect([...(database.users.get(current.username)?.rights ?? [])]).toEqual(['read', 'write'])
    expect([...database.users.keys()].toSorted()).toEqual(['admin', 'app', 'app_clone'])
  }
  const handler = createRotationHandler({ ...alternatingUsers(database), client })
  return { emulator, handler, check, ...faultsOf(database) }
}

async function apiKeyWorld(revoke: 'before-create' | 'before-finish'): Promise<World> {
  const { emulator, client } = await start()
  const keys = new Map([['first', 'key-of-first']])
  emulator.seed({ secrets: { db: 'key-of-first' } })
  let calls = 0
  let fault: { call: number; when: 'before' | 'after' } | undefined
  const run = <Result>(effect: () => Result): Result => {
    calls += 1
    const when = fault?.call === calls ? fault.when : undefined
    if (when === 'before') throw new Error('the connection broke')
    const result = effect()
    if (when === 'after') throw new Error('the connection broke')
    return result
  }
  const strategy = apiKey({
    revoke,
    createKey: ({ versionId }) =>
      run(() => {
        const key = keys.get(versionId) ?? `key-of-${versionId}`
        keys.set(versionId, key)
        if (revoke === 'before-create') expect(keys.size).toBeLessThanOrEqual(2)
        return key
      }),
    testKey: (key) => {
      run(() => {
        if (![...keys.values()].includes(key)) throw new Error('401')
      })
    },
    revokeKey: (key) => {
      run(() => {
        for (const [id, value] of keys) if (value === key) keys.delete(id)
      })
    },
  })
  const check = () => {
    const alive = [textAt(emulator, 'db', 'AWSPREVIOUS'), textAt(emulator, 'db')]
    expect([...keys.values()]).toEqual(alive)
    return Promise.resolve()
  }
  const failAt = (call: number, when: 'before' | 'after') => {
    calls = 0
    fault = { call, when }
  }
  return {
    emulator,
    handler: createRotationHandler({ ...strategy, client }),
    failAt,
    calls: () => calls,
    check,
  }
}

const STRATEGIES: readonly [string, () => Promise<World>][] = [
  ['singleUser', singleUserWorld],
  ['alternatingUsers', alternatingUsersWorld],
  ['apiKey', () => apiKeyWorld('before-finish')],
  ['apiKey with two keys at most', () => apiKeyWorld('before-create')],
]

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

/** Rotates; with or without trouble that is what counts in the end. */
async function rotate({ emulator, check }: World): Promise<number> {
  const { state, invocations } = await emulator.rotate('db')
  expect(state).toBe('succeeded')
  await check()
  return invocations.filter(({ error }) => error !== undefined).length
}

describe.each(STRATEGIES)('%s', { timeout: PATIENCE_MS }, (_name, startWorld) => {
  test('rotates again and again', async () => {
    const world = await startWorld()
    world.emulator.onRotate(world.handler, { attempts: 1 })
    const values = new Set([textAt(world.emulator, 'db')])
    for (let round = 1; round <= 4; round += 1) {
      expect(await rotate(world)).toBe(0)
      values.add(textAt(world.emulator, 'db'))
    }
    expect(values.size).toBe(5)
  })

  test.each(STEPS)('survives %s when its answer is lost, and when it is asked for again', async (step) => {
    const world = await startWorld()
    world.emulator.onRotate(world.handler, { attempts: 2 })
    world.emulator.disturbRotation(step, { fail: 'after' }, { times: 1 })
    expect(await rotate(world)).toBe(1)
    world.emulator.disturbRotation(step, { replay: 3 })
    expect(await rotate(world)).toBe(0)
  })

  test.each(STEPS)('starts over after %s has failed for good', async (step) => {
    const world = await startWorld()
    world.emulator.onRotate(world.handler, { attempts: 1, rounds: 2 })
    for (const fail of ['before', 'after'] as const) {
      world.emulator.disturbRotation(step, { fail }, { times: 1 })
      expect(await rotate(world)).toBe(1)
    }
  })

  test.each(['reset', 'truncate'] as const)(
    'survives each single request to AWS that ends with %s',
    async (drop) => {
      const world = await startWorld()
      world.emulator.onRotate(world.handler, { attempts: 2 })
      await rotate(world)
      for (let nth = 1; ; nth += 1) {
        let asked = 0
        const match = () => (asked += 1) === nth
        const mend = world.emulator.fail('*', { drop }, { times: 1, match })
        await rotate(world)
        mend()
        if (asked < nth) {
          expect(nth).toBeGreaterThan(12)
          return
        }
      }
    },
  )

  test.each(['before', 'after'] as const)(
    'survives each single call of the database or provider that fails %s its effect',
    async (when) => {
      const world = await startWorld()
      world.emulator.onRotate(world.handler, { attempts: 2 })
      await rotate(world)
      for (let nth = 1; ; nth += 1) {
        world.failAt(nth, when)
        const failures = await rotate(world)
        if (world.calls() < nth) {
          expect(nth).toBeGreaterThan(3)
          return
        }
        expect(failures).toBe(1)
      }
    },
  )

  test('survives two invocations of each step at the same time', async () => {
    const world = await startWorld()
    world.emulator.onRotate(
      async (event) => {
        await Promise.all([world.handler(event), world.handler(event)])
      },
      { attempts: 2 },
    )
    await rotate(world)
    await rotate(world)
  })
})
