import { metrics, trace, type Meter, type Tracer } from '@opentelemetry/api'
import { systemStopwatch } from '../lib/clock.js'
import { names } from './names.js'
import { recordMetrics } from './record-metrics.js'
import { recordSpans } from './record-spans.js'

/** Where it is told. */
export interface InstrumentationOptions {
  /** Default: one of the global provider, by the name of this package. `false`: no metrics. */
  readonly meter?: Meter | false | undefined
  /** Default: one of the global provider, by the name of this package. `false`: no spans, and no attributes. */
  readonly tracer?: Tracer | false | undefined
}

/**
 * Tells OpenTelemetry what every resource server of this process does: metrics, a span for whatever had to be waited for, and
 * attributes of the span of the server.
 *
 * The values of all attributes come from closed lists, and none is of a token. This does NOT set up an SDK, and it does NOT
 * tell who called: that is for an audit log.
 *
 * @example
 *   import { instrumentResourceServer } from 'express-resource-server/opentelemetry'
 *   const stop = instrumentResourceServer()
 *
 * @returns What ends it.
 */
export function instrumentResourceServer({ meter, tracer }: InstrumentationOptions = {}): () => void {
  const stops = [
    meter === false ? undefined : recordMetrics(meter ?? metrics.getMeter(names.library)),
    tracer === false ? undefined : recordSpans(tracer ?? trace.getTracer(names.library), systemStopwatch),
  ]
  return () => {
    for (const stop of stops) stop?.()
  }
}
