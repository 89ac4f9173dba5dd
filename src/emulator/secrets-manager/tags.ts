/**
 * TagResource and UntagResource.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import type { Wire } from '../input.js'
import type { Call } from '../operation.js'
import { liveSecret, tagsIn } from './requests.js'

const MAX_TAGS = 50

/** TagResource: adds tags or replaces their values; 50 at most. */
export function tagResource(call: Call): Wire {
  const { tags } = liveSecret(call)
  const added = tagsIn(call.input)
  if (new Set([...tags.keys(), ...added.map(([key]) => key)]).size > MAX_TAGS) {
    throw refusal('InvalidParameterException', `A secret can have at most ${MAX_TAGS} tags.`)
  }
  for (const [key, value] of added) tags.set(key, value)
  return {}
}

/** UntagResource: removes tags; those that are not there are no error. */
export function untagResource(call: Call): Wire {
  const { tags } = liveSecret(call)
  for (const key of call.input.requiredTexts('TagKeys')) tags.delete(key)
  return {}
}
