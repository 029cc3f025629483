import { normalisePath } from './normalise-path.js'

const ABSOLUTE = /^https?:\/\/[^/?#]+/i

/**
 * Writes the URI that a request was for, as its client saw it: the configured base, and of the request line the path alone.
 * Neither `Host` nor an absolute target says where we are; whoever sends a request could say anything there.
 *
 * @param base - Scheme, host, and what a proxy takes off the path; in the spelling of `normaliseUri`, without a slash at the end.
 * @param target - The target of the request line. `undefined` comes of one that is no path, `*` say.
 */
export function readTargetUri(base: string, target: string): string | undefined {
  const rest = target.startsWith('/') ? target : withoutOrigin(target)
  const path = rest?.replace(/\?.*$/s, '')
  // Normalised before it is joined: dot segments lead out of no base.
  const spelt = path === undefined ? undefined : normalisePath(path === '' ? '/' : path)
  return spelt === undefined ? undefined : base + spelt
}

function withoutOrigin(target: string): string | undefined {
  const [origin] = ABSOLUTE.exec(target) ?? []
  return origin === undefined ? undefined : target.slice(origin.length)
}
