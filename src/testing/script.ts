/**
 * What a test has scripted to go wrong: which requests it hits, and how often.
 *
 * @module
 */

import type { Reference } from 'aws-secrets-client'
import { hasSelector, itemReference } from './checks.js'
import { type Failure, SILENT, refusedConnection } from './raised.js'

/** One value, or one tree, that a request asks for. */
export interface Target {
  readonly reference: Reference
  /** Name and ARN by which it can be meant, without a selector: `prod/db`, `ssm:/prod/level`. */
  readonly ids: readonly string[]
}

/** How a request fails. */
export interface Verdict {
  /** The failure of the request as a whole. */
  readonly whole: Failure | undefined
  /** Failures of single targets. */
  readonly each: ReadonlyMap<Target, Failure>
  /** Milliseconds that the service asks to wait for. */
  readonly retryAfterMs: number | undefined
}

/** A failure to come. */
export interface Scripted {
  readonly failure: Failure
  readonly times: number
  readonly retryAfterMs?: number | undefined
}

/** Tells what a script is about. */
interface Scope {
  /** Whether it is every request, each as a whole. */
  readonly isAll: boolean
  readonly fits: (target: Target) => boolean
}

interface Rule extends Scripted {
  readonly scope: Scope
  left: number
}

/** The scripts of one fake, in the order in which they were made. */
export class Script {
  readonly #rules = new Set<Rule>()
  readonly #delays = new Set<{ readonly scope: Scope; readonly ms: number }>()
  #outage: Failure | undefined

  /** Lets requests fail; what is returned takes that back. */
  fail(where: string, ref: string, scripted: Scripted): () => void {
    const rule = { ...scripted, scope: scopeOf(where, ref), left: scripted.times }
    this.#rules.add(rule)
    return () => void this.#rules.delete(rule)
  }

  /** Lets answers come late; what is returned takes that back. */
  delay(where: string, ref: string, ms: number): () => void {
    const delay = { scope: scopeOf(where, ref), ms }
    this.#delays.add(delay)
    return () => void this.#delays.delete(delay)
  }

  /** Lets every request fail until {@link Script.comeBack}. */
  goDown(isSilent: boolean): void {
    this.#outage = isSilent ? SILENT : refusedConnection
  }

  /** Ends the outage. */
  comeBack(): void {
    this.#outage = undefined
  }

  /** Takes everything back. */
  clear(): void {
    this.#rules.clear()
    this.#delays.clear()
    this.#outage = undefined
  }

  /** How late the answer to a request comes, in milliseconds. */
  delayMs(targets: readonly Target[]): number {
    const hits = [...this.#delays].filter(({ scope }) => targets.some(scope.fits))
    return Math.max(0, ...hits.map(({ ms }) => ms))
  }

  /** How a request fails, if it does. Of several scripts the oldest hits, and is spent by one. */
  take(targets: readonly Target[]): Verdict {
    const each = new Map<Target, Failure>()
    if (this.#outage !== undefined) return { whole: this.#outage, each, retryAfterMs: undefined }
    let retryAfterMs: number | undefined
    for (const rule of this.#rules) {
      if (rule.scope.isAll && each.size === 0) {
        this.#spend(rule)
        return { whole: rule.failure, each, retryAfterMs: rule.retryAfterMs }
      }
      for (const target of targets) {
        if (rule.left < 1 || each.has(target) || rule.scope.isAll || !rule.scope.fits(target)) continue
        each.set(target, rule.failure)
        retryAfterMs ??= rule.retryAfterMs
        this.#spend(rule)
      }
    }
    return { whole: undefined, each, retryAfterMs }
  }

  #spend(rule: Rule): void {
    rule.left -= 1
    if (rule.left < 1) this.#rules.delete(rule)
  }
}

function scopeOf(where: string, ref: string): Scope {
  if (ref === '*') return { isAll: true, fits: () => true }
  if (typeof ref === 'string' && ref.includes('*')) {
    const pattern = patternOf(ref)
    return { isAll: false, fits: ({ ids }) => ids.some((id) => pattern.test(id)) }
  }
  const asked = itemReference(where, ref, { selector: true })
  const [id = ''] = idsOf(asked)
  const isSelected = hasSelector(asked)
  const fits = ({ reference, ids }: Target) =>
    ids.includes(id) && (!isSelected || selectorOf(asked) === selectorOf(reference))
  return { isAll: false, fits }
}

/** How a reference is meant without its selector. */
export function idsOf({ service, name, arn }: Reference): readonly string[] {
  const own = service === 'ssm' && name !== undefined ? `ssm:/${name.replace(/^\//, '')}` : name
  return [own, arn].filter((id) => id !== undefined)
}

function patternOf(ref: string): RegExp {
  const parts = ref.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

function selectorOf(reference: Reference): string {
  return reference.service === 'ssm'
    ? JSON.stringify([reference.version, reference.label])
    : JSON.stringify([reference.versionId, reference.versionStage])
}
