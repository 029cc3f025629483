import { ConfigurationError } from '../errors.js'
import { defaultAlgorithms, isSymmetric } from '../issuers/algorithms.js'
import { readUrl } from '../lib/urls.js'
import type { DpopOptions } from './options.js'

/**
 * Says for the metadata of a resource how it takes tokens that are bound to a key.
 *
 * @throws {ConfigurationError} When no request for the resource could have a proof that is taken.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 | RFC 9728 §2}
 */
export function describeDpop(dpop: DpopOptions | undefined, resource: URL): Readonly<Record<string, unknown>> {
  if (dpop === undefined) return {}
  const { origin, algorithms = defaultAlgorithms, required = false } = dpop
  if (algorithms.some(isSymmetric)) {
    throw new ConfigurationError('The option "dpop.algorithms" must hold asymmetric algorithms only.')
  }
  const base = readUrl(origin)
  if (base?.origin !== resource.origin || !overlap(base.pathname, resource.pathname)) {
    throw new ConfigurationError(
      'The options "dpop.origin" and "resource" contradict each other: both are where clients reach this API, and a proof names the URL of its request.',
    )
  }
  return {
    dpop_signing_alg_values_supported: algorithms,
    ...(required && { dpop_bound_access_tokens_required: true }),
  }
}

/** Whether one path is at the other or below it. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [withSlash(one), withSlash(other)]
  return a.startsWith(b) || b.startsWith(a)
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}
