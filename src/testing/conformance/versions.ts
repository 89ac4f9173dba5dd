/**
 * Checks of selectors: version ids, stages, version numbers and labels.
 *
 * @module
 */

import assert from 'node:assert/strict'
import type { Reference } from 'aws-secrets-client'
import type { Check } from './check.js'
import { type Kit, hasFailed } from './kit.js'

const failsFor = async (kit: Kit, reference: Reference, what: string) => {
  assert.ok(hasFailed(await kit.alone(reference)), `there is no such ${what}`)
}

/** See the module. */
export const versionChecks: readonly Check[] = [
  {
    title: 'a version id is that version, also when it is no longer current',
    service: 'secretsmanager',
    needs: ['versions'],
    run: async (kit) => {
      const { versionId = '' } = await kit.value(await kit.put('versions', 'first'))
      assert.notEqual(versionId, '', 'a secret says its version id')
      const current = await kit.value(await kit.put('versions', 'second'))
      assert.notEqual(current.versionId, versionId, 'each version has an id of its own')
      const pinned = await kit.value(kit.reference('versions', { versionId }))
      assert.deepEqual([pinned.text, pinned.versionId], ['first', versionId])
      await failsFor(kit, kit.reference('versions', { versionId: UNKNOWN_ID }), 'version id')
    },
  },
  {
    title: 'a stage is the version that it is on',
    service: 'secretsmanager',
    needs: ['stages'],
    run: async (kit) => {
      await kit.put('stages', 'first')
      await kit.put('stages', 'second')
      const previous = await kit.value(kit.reference('stages', { versionStage: 'AWSPREVIOUS' }))
      assert.equal(previous.text, 'first')
      const { versionStages = ['AWSPREVIOUS'] } = previous
      assert.ok(versionStages.includes('AWSPREVIOUS'), 'versionStages are those of the version that was read')
      const current = await kit.value(kit.reference('stages', { versionStage: 'AWSCURRENT' }))
      assert.equal(current.text, 'second')
      await failsFor(kit, kit.reference('stages', { versionStage: 'NO-SUCH-STAGE' }), 'stage')
    },
  },
  {
    title: 'a version number is that version',
    service: 'ssm',
    needs: ['versions'],
    run: async (kit) => {
      await kit.put('versions', 'first')
      await kit.put('versions', 'second')
      const references = [1, 2].map((version) => kit.reference('versions', { version }))
      const values = await kit.values([...references, kit.reference('versions')])
      assert.deepEqual(
        values.map(({ text }) => text),
        ['first', 'second', 'second'],
      )
      for (const [index, { version }] of values.slice(0, 2).entries()) {
        if (version !== undefined) assert.equal(version, index + 1)
      }
      await failsFor(kit, kit.reference('versions', { version: 99 }), 'version')
    },
  },
  {
    title: 'a label is the version that it is on',
    service: 'ssm',
    needs: ['labels'],
    run: async (kit) => {
      await kit.put('labels', 'first')
      await kit.put('labels', 'second')
      await kit.label('labels', 1, 'stable')
      const [labelled, latest] = await kit.values([
        kit.reference('labels', { label: 'stable' }),
        kit.reference('labels'),
      ])
      assert.deepEqual([labelled?.text, latest?.text], ['first', 'second'])
      assert.equal(labelled?.label ?? 'stable', 'stable')
      await failsFor(kit, kit.reference('labels', { label: 'no-such-label' }), 'label')
    },
  },
  {
    title: 'versions of one secret that are asked for together are told apart',
    service: 'secretsmanager',
    needs: ['stages'],
    run: async (kit) => {
      await kit.put('together', 'first')
      const current = await kit.put('together', 'second')
      const previous = kit.reference('together', { versionStage: 'AWSPREVIOUS' })
      const other = await kit.put('other', 'third')
      const values = await kit.values([previous, current, other])
      assert.deepEqual(
        values.map(({ text }) => text),
        ['first', 'second', 'third'],
      )
    },
  },
]

const UNKNOWN_ID = '11111111-2222-4333-8444-555555555555'
