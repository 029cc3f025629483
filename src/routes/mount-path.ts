import { segmentsOf } from './route-pattern.js'

/** What is left of a path below a mount, if every request for the path passes the mount; within one router. */
export function restAfter(mount: string, path: string, sensitive: boolean): string | undefined {
  if (mount === path) return '/'
  const whole = segmentsOf(path)
  const front = segmentsOf(mount)
  const isBelow = front.every((segment, at) => passes(segment, whole[at] ?? '', sensitive))
  return isBelow ? `/${whole.slice(front.length).join('/')}` : undefined
}

function passes(mount: string, segment: string, sensitive: boolean): boolean {
  if (!/^(?::?[\w\-.~%]+)$/.test(segment)) return false
  if (/^:\w+$/.test(mount)) return true
  if (!/^[\w\-.~%]+$/.test(mount)) return false
  return sensitive ? mount === segment : mount.toLowerCase() === segment.toLowerCase()
}
