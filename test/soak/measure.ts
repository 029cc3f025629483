import type { SoakIssuer } from './issuer.js'
import { limits } from './settings.js'

export interface HeapTrend {
  /** In bytes, at the ends of the line through the last two thirds of the run. */
  readonly start: number
  readonly end: number
  readonly bytesPerSecond: number
  readonly allowedBytesPerSecond: number
}

interface HeapSample {
  readonly at: number
  readonly heapUsed: number
}

/**
 * What the heap may gain in the last two thirds of any run: code that is still being compiled, connections that hang while an
 * issuer does.
 */
const SETTLING_BYTES = 1024 * 1024
/**
 * A token is some 600 bytes and what is kept of one more than 2 KiB. Together with the above, a run of 180 seconds sees a leak
 * of about 40 bytes for each request. The first third fills the caches, which are bounded.
 */
const ALLOWED_BYTES_PER_REQUEST = 8

/** Lays a straight line through the last two thirds of the heap samples. */
export function heapTrend(samples: readonly HeapSample[], requestsPerSecond: number): HeapTrend {
  const late = samples.slice(Math.floor(samples.length / 3))
  const first = late.at(0)?.at ?? 0
  const seconds = ((late.at(-1)?.at ?? 0) - first) / 1000
  const points = late.map(({ at, heapUsed }) => ({ x: (at - first) / 1000, y: heapUsed }))
  const { slope, intercept } = leastSquares(points)
  return {
    start: intercept,
    end: intercept + slope * seconds,
    bytesPerSecond: slope,
    allowedBytesPerSecond: SETTLING_BYTES / Math.max(seconds, 1) + ALLOWED_BYTES_PER_REQUEST * requestsPerSecond,
  }
}

function leastSquares(points: readonly { x: number; y: number }[]): { slope: number; intercept: number } {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
  const x = mean(points.map((point) => point.x))
  const y = mean(points.map((point) => point.y))
  const spread = mean(points.map((point) => (point.x - x) ** 2))
  const slope = spread === 0 ? 0 : mean(points.map((point) => (point.x - x) * (point.y - y))) / spread
  return { slope, intercept: y - slope * x }
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/**
 * The most fetches that a run may cost: one for the metadata and one for the keys at first, one for each time that keys cease
 * to be fresh, one for each cooldown, and two for each attempt of an outage, whose number grows with the logarithm of its
 * length.
 */
export function allowedFetches({ book }: SoakIssuer, { start, end }: { start: number; end: number }): number {
  const milliseconds = end - start
  const routine = Math.ceil(milliseconds / limits.freshMs)
  const unknown = Math.ceil(milliseconds / limits.cooldownMs)
  const attempts = book.outages
    .map(({ from, to }) => Math.ceil(Math.log2((2 * (Math.min(to, end) - from)) / 1000 + 1)) + 1)
    .reduce((sum, count) => sum + count, 0)
  return 2 + routine + unknown + 2 * attempts
}
