/**
 * `dataloader`: reads of one tick share `BatchGetSecretValue` calls, and are remembered for ever.
 *
 * @module
 */

import DataLoader from 'dataloader'
import type { Contender } from './contender.js'
import { fetchSecrets } from './sdk.js'

/** Secrets in JSON. */
export const dataLoader: Contender = {
  name: '`dataloader`, no expiry',
  isOurs: false,
  read: 'loader.load(key)',
  service: 'secretsmanager',
  gives: 'json',
  create: ({ secretsManager }) => ({
    loader: new DataLoader<string, unknown>(
      async (names) => {
        const texts = await fetchSecrets(secretsManager, names)
        return texts.map((text): unknown => (text instanceof Error ? text : JSON.parse(text)))
      },
      { maxBatchSize: 20 },
    ),
  }),
}
