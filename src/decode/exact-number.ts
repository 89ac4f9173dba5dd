/**
 * Finds the numbers of a JSON text that JavaScript cannot hold as they are written. Pure.
 *
 * @module
 */

/** Strings are matched too, so that digits inside them are not taken for numbers. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Every integer of so few digits is held as it is written: a double has 53 bits. */
const SHORT_INTEGER = /^\d{1,15}$/

/** The numbers in `json` whose value changed when it was parsed, as what they were parsed to. */
export function inexactNumbersIn(json: string): ReadonlySet<number> {
  const inexact = new Set<number>()
  for (const [token] of json.matchAll(STRING_OR_NUMBER)) {
    if (token.startsWith('"') || SHORT_INTEGER.test(token)) continue
    const parsed = Number(token)
    if (!isSameDecimal(token, String(parsed))) inexact.add(parsed)
  }
  return inexact
}

function isSameDecimal(written: string, held: string): boolean {
  const a = decimalOf(written)
  const b = decimalOf(held)
  return a.digits === b.digits && (a.digits === '' || a.exponent === b.exponent)
}

/** A decimal as its digits, without zeros at either end, and the power of ten behind them. */
function decimalOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').split(/e/i)
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = whole + fraction
  let start = 0
  while (all[start] === '0') start += 1
  let end = all.length
  while (end > start && all[end - 1] === '0') end -= 1
  return { digits: all.slice(start, end), exponent: Number(exponent) - fraction.length + all.length - end }
}
