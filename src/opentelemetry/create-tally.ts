import type { Attributes, Meter, MetricOptions, ObservableResult } from '@opentelemetry/api'

/** Counts something, by what is told of it. */
export interface Tally {
  /**
   * Counts one more.
   *
   * @param key - What it is told by, in one text: as many as there are values in closed lists.
   * @param attributes - The same for OpenTelemetry; asked for the first of a key.
   */
  readonly add: (key: string, attributes: () => Attributes) => void
  readonly stop: () => void
}

/**
 * Makes a counter that is read when somebody collects. A counter that is told of each request hashes the attributes of each,
 * which costs more than all the rest of counting.
 */
export function createTally(meter: Meter, name: string, options: MetricOptions): Tally {
  const counts = new Map<string, { value: number; readonly attributes: Attributes }>()
  const observe = (result: ObservableResult): void => {
    for (const { value, attributes } of counts.values()) result.observe(value, attributes)
  }
  const counter = meter.createObservableCounter(name, options)
  counter.addCallback(observe)
  return {
    add(key, attributes) {
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { value: 1, attributes: attributes() })
      else known.value++
    },
    stop() {
      counter.removeCallback(observe)
    },
  }
}
