import type { RequestHandler } from 'express'
import helmet from 'helmet'

interface Allowed {
  /** Where scripts may send requests to, beside their own origin. */
  readonly connect?: readonly string[]
  readonly frame?: readonly string[]
  /** Where forms may lead to, redirects included, beside their own origin. */
  readonly form?: readonly string[]
  /** Whether the pages may stand in a frame of their own origin. */
  readonly framedBySelf?: boolean
}

/**
 * helmet, and a Content-Security-Policy that starts from nothing: scripts and styles come from files of this origin, no
 * inline script runs, text becomes HTML through no sink that Trusted Types guard, and requests go where they are listed.
 *
 * On a service with https add `upgradeInsecureRequests: []`.
 */
export function securityHeaders({
  connect = [],
  frame = [],
  form = [],
  framedBySelf = false,
}: Allowed): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", ...connect],
        frameSrc: ["'self'", ...frame],
        formAction: ["'self'", ...form],
        baseUri: ["'none'"],
        frameAncestors: [framedBySelf ? "'self'" : "'none'"],
        // Text becomes HTML through a policy, and nobody can make one.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
    xFrameOptions: { action: framedBySelf ? 'sameorigin' : 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })
}
