import type { Meter } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics'

export interface Collected {
  readonly name: string
  readonly unit: string
  readonly points: readonly { readonly attributes: Readonly<Record<string, unknown>>; readonly value: number }[]
  /** As many as Prometheus would keep: a histogram has one for each bucket, and two more. */
  readonly series: number
}

export interface Collector {
  readonly meter: Meter
  readonly collect: () => Promise<readonly Collected[]>
  readonly stop: () => Promise<void>
}

/** A meter of the real SDK, and what it has collected. */
export function createCollector(): Collector {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  // It never exports by itself within a test.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const provider = new MeterProvider({ readers: [reader] })
  return {
    meter: provider.getMeter('test'),
    async collect(): Promise<readonly Collected[]> {
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw new Error('They could not be collected.', { cause: errors[0] })
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics).map(describe)
    },
    stop: () => provider.shutdown(),
  }
}

function describe(data: MetricData): Collected {
  const { name, unit } = data.descriptor
  if (data.dataPointType === DataPointType.HISTOGRAM) {
    const points = data.dataPoints.map(({ attributes, value }) => ({ attributes, value: value.count }))
    const series = data.dataPoints.reduce((sum, { value }) => sum + value.buckets.counts.length + 2, 0)
    return { name, unit, points, series }
  }
  if (data.dataPointType !== DataPointType.SUM) throw new Error(`${name} is of another kind.`)
  return {
    name,
    unit,
    points: data.dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    series: data.dataPoints.length,
  }
}
