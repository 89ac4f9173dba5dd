/**
 * Finds misspelt names of options among those that are handed on to a driver.
 *
 * @module
 */

/**
 * Refuses names that are nearly one of ours: the driver would drop them without a word.
 *
 * @throws TypeError naming what is wrong, never what it holds.
 */
export function refuseMisspelt(names: readonly string[], ours: readonly string[]): void {
  for (const name of names) {
    const meant = ours.includes(name) ? undefined : ours.find((known) => isNear(name, known))
    if (meant !== undefined) throw new TypeError(`${name}: unknown option, did you mean ${meant}?`)
  }
}

/** Whether no more than one letter in four is wrong; their case does not count. */
function isNear(name: string, known: string): boolean {
  const maxEdits = Math.floor(known.length / 4)
  const isLong = Math.abs(name.length - known.length) > maxEdits
  return !isLong && editsBetween(name.toLowerCase(), known.toLowerCase()) <= maxEdits
}

/** Letters to add, leave out or replace to make one text of the other (Levenshtein). */
function editsBetween(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_none, index) => index)
  for (let row = 0; row < one.length; row += 1) {
    const current = [row + 1]
    for (let column = 0; column < other.length; column += 1) {
      const replaced = (above[column] ?? 0) + (one[row] === other[column] ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[other.length] ?? 0
}
