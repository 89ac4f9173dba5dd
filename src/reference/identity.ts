/**
 * Tells whether an ARN can be that of the item that a reference names, and what a key belongs to. Pure.
 *
 * @module
 */
import { parseArn } from './arn.js'
import { sameParameterName } from './name.js'
import type { Reference } from './reference.js'

/** Whether `arn` can be the full ARN of what `reference` names, by name, by partial ARN or by full ARN. */
export function isArnOf(reference: Reference, arn: string): boolean {
  const parsed = parseArn(arn)
  if (parsed?.service !== reference.service) return false
  if (reference.service === 'secretsmanager') {
    return reference.arn === undefined
      ? isWithSuffix(parsed.resource, `secret:${reference.name ?? ''}`)
      : isWithSuffix(arn, reference.arn)
  }
  return reference.arn === undefined
    ? sameParameterName(parsed.resource.replace(/^parameter/, ''), reference.name ?? '')
    : arn === reference.arn
}

/**
 * Whether `whole` is `start`, or `start` with the hyphen and six characters that Secrets Manager appends to the
 * name of a secret.
 */
export function isWithSuffix(whole: string, start: string): boolean {
  return whole.startsWith(start) && /^(?:-[A-Za-z0-9]{6})?$/.test(whole.slice(start.length))
}

/** Service and region in a key, as one text: what is reachable or not, together. */
export function serviceOfKey(key: string): string {
  const [, service, region] = /^arn:[^:]*:([^:]*):([^:]*):/.exec(key) ?? []
  if (service !== undefined) return `${service} ${region ?? ''}`
  return key.startsWith('ssm:') ? 'ssm' : 'secretsmanager'
}
