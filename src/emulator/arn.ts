/**
 * Amazon Resource Names: building them, taking them apart, and matching them against patterns.
 *
 * @module
 */
import { randomInt } from 'node:crypto'

/** Where a resource lives. */
export interface Place {
  /** For example `eu-west-1`. */
  readonly region: string
  /** Twelve digits. */
  readonly accountId: string
}

/** The parts of an ARN; `resource` is all that follows the fifth colon. */
export interface Arn extends Place {
  readonly partition: string
  readonly service: string
  readonly resource: string
}

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const SUFFIX_LENGTH = 6

/** Reads an ARN, or gives `undefined` for anything else. */
export function parseArn(text: string): Arn | undefined {
  const [arn, partition, service, region, accountId, ...resource] = text.split(':')
  if (arn !== 'arn' || partition === undefined || service === undefined) return undefined
  if (region === undefined || accountId === undefined || resource.length === 0) return undefined
  return { partition, service, region, accountId, resource: resource.join(':') }
}

/** The ARN of a secret without its six-character suffix. */
export function partialSecretArn(place: Place, name: string): string {
  return `${prefix('secretsmanager', place)}:secret:${name}`
}

/** The ARN of a new secret; its suffix is random, so a secret created again under one name has another ARN. */
export function newSecretArn(place: Place, name: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () =>
    SUFFIX_ALPHABET.charAt(randomInt(SUFFIX_ALPHABET.length)),
  )
  return `${partialSecretArn(place, name)}-${suffix.join('')}`
}

/** The ARN of a parameter, whose name loses its leading slash there. */
export function parameterArn(place: Place, key: string): string {
  return `${prefix('ssm', place)}:parameter/${key}`
}

/** The principal that the emulator's texts name as the caller. */
export function callerArn({ accountId }: Place): string {
  return `arn:aws:sts::${accountId}:assumed-role/emulator/session`
}

/** Tells whether a text fits a pattern of IAM: `*` is any run of characters, `?` any one. Case counts. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

function prefix(service: string, { region, accountId }: Place): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}`
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
