/**
 * Pages of a list and the opaque tokens that lead from one to the next.
 *
 * @module
 */
import { refusal } from './emulator-error.js'

/** A page and where the next one starts, if there is one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: { readonly NextToken?: string }
}

/** What decides a page: the list's name, the size of a page and the token sent by the caller. */
export interface PageRequest {
  /** Ties a token to its list, so that a token of another operation is refused. */
  readonly list: string
  readonly size: number
  readonly token: string | undefined
  /** AWS's name for a bad token: `InvalidNextTokenException` or `InvalidNextToken`. */
  readonly errorCode: string
}

/** Cuts the page out of `all` that the request asks for. Throws the request's `errorCode` for a foreign token. */
export function pageOf<T>(all: readonly T[], request: PageRequest): Page<T> {
  const start = request.token === undefined ? 0 : offsetOf(request.token, request)
  const end = start + request.size
  const next = end < all.length ? { NextToken: tokenOf(request.list, end) } : {}
  return { items: all.slice(start, end), next }
}

function tokenOf(list: string, offset: number): string {
  return Buffer.from(`${list}:${offset}`).toString('base64url')
}

function offsetOf(token: string, { list, errorCode }: PageRequest): number {
  const [name, offset = ''] = Buffer.from(token, 'base64url').toString().split(':')
  if (name !== list || !/^\d+$/.test(offset)) throw refusal(errorCode, 'The specified token is not valid.')
  return Number(offset)
}
