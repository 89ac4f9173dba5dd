/**
 * Charts as SVG that can be read on a light and on a dark background.
 *
 * @module
 */

import { type EChartsOption, init } from 'echarts'
import type { Bars, Chart, Lines } from './bench.js'

/** Each colour on a light background, and what it is on a dark one. */
const COLOURS = {
  text: ['#1f2328', '#e6edf3'],
  faint: ['#d0d7de', '#3d444d'],
  whisker: ['#59636e', '#a9b4c0'],
  shade: ['#eac54e', '#bb8009'],
  ours: ['#0969da', '#4493f8'],
  others: ['#afb8c1', '#656c76'],
  second: ['#bc4c00', '#f0883e'],
  third: ['#8250df', '#ab7df8'],
  fourth: ['#1a7f37', '#3fb950'],
  fifth: ['#57606a', '#9198a1'],
} as const

const light = (name: keyof typeof COLOURS): string => COLOURS[name][0]

const OTHER_LINES = ['second', 'third', 'fourth', 'fifth'] as const
const DASHES = ['dashed', 'dotted', [8, 3, 2, 3], [2, 2]] as const

const WIDTH = 860
const BAR_HEIGHT = 24
const LABEL_WIDTH = 330
const FONT = 'system-ui, sans-serif'

/** The chart as a document. */
export function svgOf({ title: markdown, drawing }: Chart): string {
  const title = markdown.replaceAll('`', '')
  const isBars = drawing.kind === 'bars'
  const height = isBars ? 110 + drawing.bars.length * BAR_HEIGHT : 400
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption({
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: light('text') },
    title: {
      text: title,
      left: 10,
      top: 6,
      textStyle: { fontSize: 15, fontFamily: FONT, color: light('text') },
    },
    ...(isBars ? barsOption(drawing) : linesOption(drawing)),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return inBothSchemes(svg, title)
}

const axisText = { color: light('text'), fontFamily: FONT, fontSize: 12 }
const faintLine = { lineStyle: { color: light('faint') } }

function barsOption({ unit, isLogarithmic, bars }: Bars): EChartsOption {
  const least = Math.min(...bars.map(({ min }) => min))
  const rows = bars.map((bar, position) => [bar.median, position, bar.min, bar.max])
  return {
    grid: { left: LABEL_WIDTH, right: 90, top: 44, bottom: 46 },
    xAxis: {
      type: isLogarithmic ? 'log' : 'value',
      name: unit,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: axisText,
      axisLabel: axisText,
      splitLine: faintLine,
      ...(isLogarithmic && { min: least > 0.5 ? 0.5 : 10 ** Math.floor(Math.log10(least)) }),
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: light('faint') } },
      axisLabel: { ...axisText, width: LABEL_WIDTH - 16, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: 13,
        data: bars.map(({ median, isOurs }) => ({
          value: median,
          itemStyle: { color: light(isOurs ? 'ours' : 'others') },
        })),
      },
      {
        type: 'custom',
        silent: true,
        data: rows,
        encode: { x: [0, 2, 3], y: 1 },
        renderItem: (_params, api) => whisker(api, bars),
      },
    ],
  }
}

/** What of ECharts' drawing interface is used. */
interface Drawing {
  readonly value: (dimension: number) => number | string
  readonly coord: (data: number[]) => number[]
}

/** The range from least to most, and the median in figures behind it. */
function whisker({ value, coord }: Drawing, bars: Bars['bars']) {
  const position = Number(value(1))
  const place = (x: number) => coord([x, position])
  const [from = 0, y = 0] = place(Number(value(2)))
  const [to = 0] = place(Number(value(3)))
  const style = { stroke: light('whisker'), lineWidth: 1.2 }
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style,
  })
  const isOurs = bars[position]?.isOurs === true
  return {
    type: 'group' as const,
    children: [
      ...(from === to
        ? []
        : [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)]),
      {
        type: 'text' as const,
        style: {
          text: rounded(bars[position]?.median ?? NaN),
          x: to + 7,
          y,
          fill: light('text'),
          font: `${isOurs ? 'bold ' : ''}12px ${FONT}`,
          textVerticalAlign: 'middle' as const,
        },
      },
    ],
  }
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function linesOption({ xUnit, yUnit, lines, spans }: Lines): EChartsOption {
  const others = lines.filter(({ isOurs }) => !isOurs)
  return {
    grid: { left: 70, right: 30, top: 76, bottom: 50 },
    legend: { top: 34, left: 10, textStyle: axisText, itemWidth: 34, selectedMode: false },
    xAxis: axis(xUnit, 28),
    yAxis: axis(yUnit, 48),
    series: lines.map((line, position) => {
      const place = others.indexOf(line)
      const colour = light(line.isOurs ? 'ours' : (OTHER_LINES[place % OTHER_LINES.length] ?? 'fifth'))
      const dash = DASHES[place % DASHES.length] ?? 'dashed'
      const type = line.isOurs ? 'solid' : typeof dash === 'string' ? dash : [...dash]
      return {
        type: 'line' as const,
        name: line.label,
        silent: true,
        symbol: 'none',
        sampling: 'lttb' as const,
        z: line.isOurs ? 3 : 2,
        itemStyle: { color: colour },
        lineStyle: { color: colour, width: line.isOurs ? 2.6 : 1.6, type },
        data: line.points.map(([x, y]) => [x, y]),
        ...(position === 0 && { markArea: shaded(spans) }),
      }
    }),
  }
}

function axis(name: string, nameGap: number) {
  return {
    type: 'value' as const,
    name,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: axisText,
    axisLabel: axisText,
    splitLine: faintLine,
  }
}

function shaded(spans: Lines['spans']) {
  return {
    silent: true,
    itemStyle: { color: light('shade'), opacity: 0.22 },
    label: { ...axisText, position: 'insideTop' as const },
    data: spans.map(({ label, from, to }): [object, object] => [{ name: label, xAxis: from }, { xAxis: to }]),
  }
}

/** Puts in what the colours are on a dark background, and the title for those who cannot see it. */
function inBothSchemes(svg: string, title: string): string {
  const rules = Object.values(COLOURS).flatMap(([day, night]) => [
    `[fill="${day}"]{fill:${night}}`,
    `[stroke="${day}"]{stroke:${night}}`,
  ])
  const style = `<style>@media (prefers-color-scheme: dark){${rules.join('')}}</style>`
  const named = `<title>${title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>`
  return `${svg.replace(/^(<svg[^>]*>)/, `$1${named}${style}`)}\n`
}
