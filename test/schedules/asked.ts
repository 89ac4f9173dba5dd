/** Resolves what a schedule names to what the client is asked for. */

import { parseReference } from '../../src/reference/parse.js'
import type { Asked } from './history.js'
import { type Target, type Vault, fullArnOf, secretOf, selectorOf } from './vault.js'

/** The reference of a target as of now, with what the rules need to know of it. */
export function askedFor(target: Target, vault: Vault): Asked {
  const reference = vault.reference(target)
  const { ref, key } = parseReference(reference)
  return {
    reference,
    ref,
    key,
    secret: secretOf(reference),
    selector: selectorOf(reference),
    arn: fullArnOf(reference),
    meantArn: vault.arnOf(reference),
    isPinned: target.selector === 'pinned',
  }
}
