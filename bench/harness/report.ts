/**
 * Results as Markdown.
 *
 * @module
 */

import type { Results, Table, Target } from './bench.js'
import type { Circumstances } from './machine.js'

/** What is kept of one bench: `bench/results/NAME.json`. */
export interface Report {
  readonly name: string
  readonly title: string
  readonly circumstances: Circumstances
  readonly results: Results
}

/** A table; columns after the first are aligned to the right where all of their cells are short. */
function markdownOf({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const isRight = (column: number) => column > 0 && (widths[column] ?? 0) <= 30
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => padded(cell, widths[column] ?? 0, isRight(column))).join(' | ')} |`
  const rule = widths.map(
    (width, column) => '-'.repeat(isRight(column) ? width - 1 : width) + (isRight(column) ? ':' : ''),
  )
  const [head = [], ...body] = cells
  return [`**${title}**`, '', line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n')
}

function padded(cell: string, width: number, isRight: boolean): string {
  return isRight ? cell.padStart(width) : cell.padEnd(width)
}

/** What had to show, met or not, a line each. */
export function targetsOf(targets: readonly Target[]): string {
  return targets
    .map(
      ({ what, goal, measured, isMet }) =>
        `- ${isMet ? '✓' : '✗ not met:'} ${what}: ${measured} (goal ${goal})`,
    )
    .join('\n')
}

/** Where and with what, in two lines. */
function circumstancesOf(at: Circumstances): string {
  const versions = Object.entries(at.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Measured on ${at.date.slice(0, 10)} at ${at.commit}, Node.js ${at.node.slice(1)}, ${at.cores} × ${at.cpu}, ${at.memoryGiB} GiB, ${at.system}; load average ${at.loadAtStart} at the start, ${at.loadAtEnd} at the end.`,
    `With ${versions.join(', ')}.`,
  ].join('\n')
}

/** All of a bench: tables, targets, notes; `pictures` are links to its charts. */
export function reportOf(
  { title, circumstances, results }: Report,
  pictures: readonly string[] = [],
): string {
  const { tables, targets, notes } = results
  return [
    `## ${title}`,
    ...pictures,
    ...tables.map(markdownOf),
    ...(targets.length > 0 ? [targetsOf(targets)] : []),
    notes.map((note) => `- ${note}`).join('\n'),
    circumstancesOf(circumstances),
  ].join('\n\n')
}
