const PARAMETER = /^[\s,]*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/
const MAX_LENGTH = 8192

/** Reads the parameters of a Bearer challenge out of `WWW-Authenticate`; undefined where there is none. */
export function readChallenge(header: string | null): ReadonlyMap<string, string> | undefined {
  const text = (header ?? '').slice(0, MAX_LENGTH)
  const start = /(?:^|,)\s*bearer(?=\s|,|$)/i.exec(text)
  if (start === null) return undefined
  const parameters = new Map<string, string>()
  let rest = text.slice(start.index + start[0].length)
  for (let found = PARAMETER.exec(rest); found !== null; found = PARAMETER.exec(rest)) {
    const [whole, name = '', quoted, plain = ''] = found
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain)
    rest = rest.slice(whole.length)
  }
  return parameters
}
