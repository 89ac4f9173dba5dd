/**
 * Tells the observer what happens in the cache, in its words.
 *
 * @module
 */

import type { CacheListener, LoadReport, StaleReason } from '../cache/listener.js'
import type { Stamp } from '../clock.js'
import type { SecretsError } from '../errors.js'
import type { Observer } from '../observe/observer.js'
import { type Item, isSameVersion } from './item.js'
import type { Bell } from './watch.js'

/** Stands between cache and observer, which know nothing of each other. */
export class CacheEvents implements CacheListener<Item> {
  readonly #observer: Observer
  readonly #bell: Bell

  /**
   * @param bell - rung when a value was loaded
   */
  constructor(observer: Observer, bell: Bell) {
    this.#observer = observer
    this.#bell = bell
  }

  /** {@inheritDoc CacheListener.isHeard} */
  get isHeard(): boolean {
    return this.#observer.isHeard
  }

  /** {@inheritDoc CacheListener.hit} */
  hit(key: string): void {
    this.#observer.hit(key)
  }

  /** {@inheritDoc CacheListener.missed} */
  missed(key: string, isRemembered: boolean): void {
    this.#observer.miss(key, isRemembered)
  }

  /** {@inheritDoc CacheListener.stale} */
  stale(key: string, reason: StaleReason, stamp: Stamp): void {
    this.#observer.stale(key, reason.why, stamp, reason.why === 'error' ? reason.code : undefined)
  }

  /** {@inheritDoc CacheListener.loaded} */
  loaded(key: string, { trigger, started }: LoadReport, item: Item, previous: Item | undefined): void {
    const { versionId, version, arn } = item.provenance
    const changed = previous === undefined || !isSameVersion(previous, item)
    this.#observer.refresh(key, { trigger, begun: started, ok: true, changed, versionId, version })
    const from = previous?.provenance.arn
    if (from !== undefined && arn !== undefined && from !== arn) {
      this.#observer.identityChanged(key, 'arn', from, arn)
    }
    this.#bell.ring({ key, version: item })
  }

  /** {@inheritDoc CacheListener.failed} */
  failed(key: string, { trigger, started }: LoadReport, { code }: SecretsError): void {
    this.#observer.refresh(key, { trigger, begun: started, ok: false, code })
  }

  /** {@inheritDoc CacheListener.evicted} */
  evicted(key: string): void {
    this.#observer.evict(key)
  }

  /** {@inheritDoc CacheListener.clockAnomaly} */
  clockAnomaly(skewMs: number): void {
    this.#observer.clockAnomaly(skewMs)
  }
}
