/** Runs a ready-made schema by itself, and reads through a client with it. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ReadOptions, SecretsClient } from '../../../src/index.js'
import { FakeSource, textSecret } from '../../support/fake-source.js'
import { ManualClock } from '../../support/manual-clock.js'
import { failureOf } from '../decode-with.js'

/** The output, or each refusal as `/path rule`. */
export async function answerOf(schema: StandardSchemaV1, value: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  return result.issues.map(({ path = [], message }) => `/${path.map(String).join('/')} ${message}`)
}

/** Reads a secret that holds `stored` through a client of its own. */
export async function read(stored: string, options: ReadOptions, ref = 'prod/db'): Promise<unknown> {
  const source = new FakeSource(textSecret(stored))
  await using secrets = new SecretsClient({ clock: new ManualClock(), sources: [source] })
  return await secrets.get(ref, options)
}

/** What a read of `stored` fails with. */
export const failureOfRead = (stored: string, options: ReadOptions) => failureOf(read(stored, options))
