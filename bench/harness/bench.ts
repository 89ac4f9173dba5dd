/**
 * What a bench hands in: tables with a floor, what must show in them, and what is to be drawn.
 *
 * @module
 */

/** A measurement that the runner can be asked for by name. */
export interface Bench {
  /** What it is chosen by: `npm run bench -- hits`. Also the name of its results. */
  readonly name: string
  readonly title: string
  /** Measures; `isQuick` asks for the fewest rounds that show that it works. */
  readonly measure: (options: { readonly isQuick: boolean }) => Promise<Results>
}

/** What a bench came to. */
export interface Results {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  readonly charts: readonly Chart[]
  /** What a reader must know of how it was measured, a sentence each. */
  readonly notes: readonly string[]
}

/** Contenders side by side. */
export interface Table {
  readonly title: string
  /** Heads of the columns, that of the contender's name included. */
  readonly columns: readonly string[]
  /** As many cells in each row as there are columns. */
  readonly rows: readonly (readonly string[])[]
}

/** A figure that must show. */
export interface Target {
  readonly what: string
  /** As in the issue, such as `≤ 2.2 ×`. */
  readonly goal: string
  /** What came out, median and range. */
  readonly measured: string
  readonly isMet: boolean
}

/** A drawing of figures. */
export interface Chart {
  /** Behind the name of the bench in that of the file. */
  readonly name: string
  readonly title: string
  /** What is drawn: ratios as bars, or something over time as lines. */
  readonly drawing: Bars | Lines
}

/** Horizontal bars, one for each contender; the library's own stand out. */
export interface Bars {
  readonly kind: 'bars'
  /** What the length means, with its unit. */
  readonly unit: string
  readonly isLogarithmic: boolean
  readonly bars: readonly {
    readonly label: string
    readonly median: number
    readonly min: number
    readonly max: number
    readonly isOurs: boolean
  }[]
}

/** Lines over a common axis, with spans of it shaded. */
export interface Lines {
  readonly kind: 'lines'
  readonly xUnit: string
  readonly yUnit: string
  readonly lines: readonly {
    readonly label: string
    readonly points: readonly (readonly [x: number, y: number])[]
    readonly isOurs: boolean
  }[]
  readonly spans: readonly { readonly label: string; readonly from: number; readonly to: number }[]
}
