/** What the process with sealed values reads. It knows names only: what is behind them it learns from the emulator. */

/** Numbers of the secrets by the way in which they are read. */
export const SHAPES = {
  text: [0, 1, 2, 3],
  read: [4, 5, 6, 7],
  field: [8, 9, 10, 11],
  schema: [12, 13, 14],
  binary: [15, 16],
  load: [17, 18, 19],
} as const

/** How many there are. */
export const SECRETS = 20

/** The name of a secret. */
export function refOf(n: number): string {
  return `prod/sealed-${n}`
}
