import {
  context,
  createContextKey,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { hear } from '../events.js'
import type { Stopwatch } from '../lib/clock.js'
import { hearTrace, traceNames } from '../tracing.js'
import { codeLabel, schemeLabel } from './labels.js'
import { attributes, names } from './names.js'

/**
 * Makes a span of whatever had to be waited for, and says on the span of the server what came of a request.
 * What answers at once has no span: it is begun afterwards, at the time when the work began, so that nothing is made for it.
 *
 * @param stopwatch - By whose time spans begin.
 */
export function recordSpans(tracer: Tracer, stopwatch: Stopwatch): () => void {
  const stops = [
    ...traceNames.map((name) => {
      const begun = new WeakMap<object, number>()
      const spanName = `${names.library} ${name}`
      return hearTrace(name, {
        start(message) {
          begun.set(message, stopwatch())
        },
        asyncEnd(message) {
          const startedAt = begun.get(message)
          if (startedAt === undefined) return
          const span = tracer.startSpan(spanName, { startTime: startedAt * 1000 })
          if ('issuer' in message) span.setAttribute(attributes.issuer, message.issuer)
          const { error } = message
          if (error !== undefined) {
            span.setStatus({ code: SpanStatusCode.ERROR })
            span.setAttribute(attributes.code, codeLabel(codeOf(error)))
          }
          span.end()
        },
      })
    }),
    ...describeRequests(),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** The code of a refusal, of whichever copy of the package. What a policy of the user's throws has any, or none. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : ''
}

/** Where the instrumentation of HTTP has the span of the server, by the name that `@opentelemetry/core` gives it. */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

/** The span of the server, or without that instrumentation the one that is active: below Express's, one of a middleware. */
function serverSpan(): Pick<Span, 'setAttributes'> | undefined {
  const metadata = context.active().getValue(RPC_METADATA)
  const span: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'span') : undefined
  return isSpan(span) ? span : trace.getActiveSpan()
}

function isSpan(value: unknown): value is Pick<Span, 'setAttributes'> {
  return typeof value === 'object' && value !== null && 'setAttributes' in value
}

/** Attributes of the span of the server. The code has a name of its own there: `error.type` is the server's to say. */
function describeRequests(): readonly (() => void)[] {
  const tell = (about: Attributes): void => {
    serverSpan()?.setAttributes(about)
  }
  const CODE = 'express_resource_server.code'
  return [
    hear('token.accepted', ({ issuer, scheme, isRemembered }) => {
      const about = { [attributes.issuer]: issuer, [attributes.authenticationScheme]: schemeLabel(scheme) }
      tell({ ...about, [attributes.authenticationResult]: 'success', [attributes.isRemembered]: isRemembered })
    }),
    hear('token.refused', ({ code, scheme }) => {
      const result = code === 'missing_token' ? 'none' : 'failure'
      const about = { [attributes.authenticationResult]: result, [CODE]: codeLabel(code) }
      tell({ ...about, [attributes.authenticationScheme]: schemeLabel(scheme) })
    }),
    hear('token.undecided', ({ code, policy }) => {
      const asked = policy === undefined ? attributes.authenticationResult : attributes.authorizationResult
      tell({ [asked]: 'undecided', [CODE]: codeLabel(code) })
    }),
    hear('access.granted', () => {
      tell({ [attributes.authorizationResult]: 'success' })
    }),
    hear('access.denied', ({ code }) => {
      tell({ [attributes.authorizationResult]: 'failure', [CODE]: codeLabel(code) })
    }),
  ]
}
