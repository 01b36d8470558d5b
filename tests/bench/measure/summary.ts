import { quantile } from '../../sampling/quantile.js'

/** Is what remains of many samples: the middle, and the range that holds the middle half of them. */
export interface Summary {
  readonly median: number
  /** Lower and upper quartile. */
  readonly low: number
  readonly high: number
  readonly samples: number
}

/** Summarises samples. */
export function summarise(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort()
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    samples: samples.length,
  }
}

/** Returns the slope of the straight line that lies closest to the points, in units of y for one of x. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
}
