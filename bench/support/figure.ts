/**
 * What a measurement hands in, and how it is printed.
 *
 * @module
 */

/** One line of the table. */
export interface Figure {
  /** What was measured. */
  readonly what: string
  /** What came out, with its unit. */
  readonly measured: string
  /** What it is meant to be, where there is such a goal. */
  readonly goal?: string
}

/** Figures as a Markdown table. */
export function tableOf(title: string, figures: readonly Figure[]): string {
  const rows = [
    [title, 'measured', 'goal'],
    ['---', '---', '---'],
    ...figures.map(({ what, measured, goal = '–' }) => [what, measured, goal]),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n')
}
