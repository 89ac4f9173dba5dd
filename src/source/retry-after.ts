/**
 * Reads how long a service asks to wait from the headers of its answer. Pure; nothing but headers is looked at,
 * and no local clock: a date is measured against the date of the same answer.
 *
 * @module
 */

import { memberOf } from '../stored-value.js'
import { type Fields, isFields } from './answer.js'

/** A day: who asks for longer does not mean it. */
const MAX_RETRY_AFTER_MS = 86_400_000

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the only form of date that HTTP lets a server send (RFC 9110 §5.6.7). */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Milliseconds to wait, 0 to a day, from `x-amz-retry-after` (milliseconds) or else `retry-after` (seconds or a
 * date); `undefined` where neither says so in its own form.
 *
 * @param headers - by name in any case; may be anything
 */
export function retryAfterMsIn(headers: unknown): number | undefined {
  if (!isFields(headers)) return undefined
  return (
    bounded(numberIn(headerIn(headers, 'x-amz-retry-after'))) ??
    bounded(secondsIn(headerIn(headers, 'retry-after'))) ??
    bounded(untilDate(headerIn(headers, 'retry-after'), headerIn(headers, 'date')))
  )
}

/** {@link retryAfterMsIn} of the answer behind an error of the SDK. */
export function retryAfterMsOf(error: Fields): number | undefined {
  const response = memberOf(error, '$response')
  return isFields(response) ? retryAfterMsIn(memberOf(response, 'headers')) : undefined
}

function headerIn(headers: Fields, name: string): string {
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name)
  const value = key === undefined ? undefined : headers[key]
  return typeof value === 'string' ? value.trim() : ''
}

function numberIn(text: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
}

function secondsIn(text: string): number | undefined {
  const seconds = numberIn(text)
  return seconds === undefined ? undefined : seconds * 1000
}

function untilDate(text: string, date: string): number | undefined {
  return HTTP_DATE.test(text) && HTTP_DATE.test(date) ? Date.parse(text) - Date.parse(date) : undefined
}

function bounded(ms: number | undefined): number | undefined {
  return ms !== undefined && ms >= 0 && ms <= MAX_RETRY_AFTER_MS ? Math.ceil(ms) : undefined
}
