import { describe, expect, test } from 'vitest'
import {
  type Stage,
  NEEDLE,
  ROTATED,
  failureOf,
  freezeTime,
  later,
  startPayments,
  useStage,
} from './stage.js'

const stage = useStage()

const OVER_A_MINUTE = 60_001

const OVER_FIVE_MINUTES = 300_001

const OVER_TEN_MINUTES = 600_001

const coldStart = () => import('../../examples/lambda-handler.js')

const order = (orderId: string) => ({ orderId, cents: 1999 })

const seed = ({ emulator }: Stage, apiKey: string, url: string) => {
  emulator.seed({
    secrets: { 'prod/payments': { apiKey } },
    parameters: { '/prod/payments/url': url },
  })
}

const calls = ({ emulator }: Stage) => [emulator.count('GetSecretValue'), emulator.count('GetParameter')]

describe('the Lambda handler', () => {
  test('reads at init, and not again for the orders that follow', async () => {
    await using payments = await startPayments(NEEDLE)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    expect(calls(stage())).toEqual([1, 1])
    await expect(handler(order('1'))).resolves.toEqual({ orderId: '1', accepted: true })
    await expect(handler(order('2'))).resolves.toEqual({ orderId: '2', accepted: true })
    expect(calls(stage())).toEqual([1, 1])
  })

  test.each([
    ['a missing secret', {}, 'ERR_NOT_FOUND'],
    ['a missing field', { secrets: { 'prod/payments': { key: NEEDLE } } }, 'ERR_FIELD_NOT_FOUND'],
    ['a secret that is no JSON', { secrets: { 'prod/payments': NEEDLE } }, 'ERR_DECODE'],
  ])('fails at init for %s', async (_title, scene, code) => {
    const { emulator } = stage()
    emulator.seed({ parameters: { '/prod/payments/url': 'http://127.0.0.1' } })
    emulator.seed(scene)
    await expect(coldStart()).rejects.toMatchObject({ code })
  })

  test('fails at init for a denied role, and says what to allow', async () => {
    seed(stage(), NEEDLE, 'http://127.0.0.1')
    stage().emulator.deny('ssm:GetParameter')
    const error = await failureOf(coldStart())
    expect(error).toMatchObject({ code: 'ERR_ACCESS_DENIED', ref: 'ssm:/prod/payments/url' })
    expect(String(error)).toContain('Allow ssm:GetParameter')
  })

  test('uses a rotated key once the cached one has expired, in the same environment', async () => {
    freezeTime()
    await using payments = await startPayments(NEEDLE)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    seed(stage(), ROTATED, payments.url)
    payments.accept(ROTATED)
    later(OVER_TEN_MINUTES)
    await expect(handler(order('1'))).resolves.toMatchObject({ accepted: true })
    expect(payments.authorizations).toEqual([`Bearer ${ROTATED}`])
    expect(calls(stage())).toEqual([2, 2])
  })

  test('charges at once with the key at hand right after it has expired, and the next order with a new one', async () => {
    freezeTime()
    await using payments = await startPayments(NEEDLE)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    seed(stage(), ROTATED, payments.url)
    later(OVER_FIVE_MINUTES)
    await expect(handler(order('1'))).resolves.toMatchObject({ accepted: true })
    payments.accept(ROTATED)
    await expect(handler(order('2'))).resolves.toMatchObject({ accepted: true })
    expect(payments.authorizations.at(0)).toBe(`Bearer ${NEEDLE}`)
    expect(payments.authorizations.at(-1)).toBe(`Bearer ${ROTATED}`)
  })

  test('goes on charging while AWS is down', async () => {
    freezeTime()
    await using payments = await startPayments(NEEDLE)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    stage().emulator.fail('*', { error: 'InternalServiceError', status: 500 })
    later(OVER_TEN_MINUTES)
    await expect(handler(order('1'))).resolves.toMatchObject({ accepted: true })
    expect(payments.authorizations).toEqual([`Bearer ${NEEDLE}`])
  })

  test('tries again with the rotated key when the cached one is refused', async () => {
    await using payments = await startPayments(NEEDLE)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    seed(stage(), ROTATED, payments.url)
    payments.accept(ROTATED)
    await expect(handler(order('1'))).resolves.toMatchObject({ accepted: true })
    expect(payments.authorizations).toEqual([`Bearer ${NEEDLE}`, `Bearer ${ROTATED}`])
    expect(calls(stage())).toEqual([2, 1])
  })

  test.each([0, OVER_A_MINUTE, OVER_FIVE_MINUTES, OVER_TEN_MINUTES])(
    'frozen across a rotation, for %d ms, charges with one more round trip at most',
    async (frozenMs) => {
      freezeTime()
      await using payments = await startPayments(NEEDLE)
      seed(stage(), NEEDLE, payments.url)
      const { handler } = await coldStart()
      await handler(order('1'))
      const [before = 0] = calls(stage())
      seed(stage(), ROTATED, payments.url)
      payments.accept(ROTATED)
      later(frozenMs)
      await expect(handler(order('2'))).resolves.toEqual({ orderId: '2', accepted: true })
      const [after = 0] = calls(stage())
      // Right after its lifetime the old key is tried while a newer one is asked for in the background as well.
      expect(after - before).toBeLessThanOrEqual(frozenMs === OVER_FIVE_MINUTES ? 2 : 1)
      expect(payments.authorizations.length).toBeLessThanOrEqual(3)
      expect(payments.authorizations.at(-1)).toBe(`Bearer ${ROTATED}`)
    },
  )

  test('does not try again when there is no newer key', async () => {
    await using payments = await startPayments(ROTATED)
    seed(stage(), NEEDLE, payments.url)
    const { handler } = await coldStart()
    await expect(handler(order('1'))).resolves.toMatchObject({ accepted: false })
    expect(payments.authorizations).toHaveLength(1)
  })
})
