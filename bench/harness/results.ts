/**
 * What is kept in `bench/results/`.
 *
 * @module
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { type Report, reportOf } from './report.js'

const FOLDER = new URL('../results/', import.meta.url)

const HEAD = `# Results

Written by \`npm run bench\`, which says with each table where and with what it was measured. A row is a median, with the
least and the most in brackets. [How it is measured](../README.md); [what to make of it](../../docs/performance.md).`

/** A chart that was drawn. */
export interface DrawnChart {
  readonly name: string
  readonly svg: string
}

/** Keeps one bench, in place of what was kept of it before. */
export async function keepReport(report: Report, charts: readonly DrawnChart[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  await writeFormatted(`${report.name}.json`, JSON.stringify(report))
  for (const { name, svg } of charts) await writeFile(new URL(`${name}.svg`, FOLDER), svg)
}

/** Writes the index of everything that is kept. */
export async function keepIndex(names: readonly string[]): Promise<void> {
  const reports = (await Promise.all(names.map(keptReport))).filter((report) => report !== undefined)
  const parts = reports.map((report) => {
    const pictures = report.results.charts.map(({ name, title }) => `![${title}](${report.name}-${name}.svg)`)
    return reportOf(report, pictures)
  })
  await writeFormatted('README.md', [HEAD, ...parts].join('\n\n'))
}

/** As the project formats everything: what is kept is checked with the rest. */
async function writeFormatted(name: string, text: string): Promise<void> {
  const file = new URL(name, FOLDER)
  const config = await resolveConfig(file)
  await writeFile(file, await format(text, { ...config, filepath: file.pathname }))
}

async function keptReport(name: string): Promise<Report | undefined> {
  const text = await readFile(new URL(`${name}.json`, FOLDER), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Report)
}
