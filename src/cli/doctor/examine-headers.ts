import { quote } from '../../lib/quote.js'
import type { Answer } from './ask-api.js'
import type { Finding } from './finding.js'

/** Headers that tell strangers what runs there, and how to be rid of them. */
const TALKATIVE: readonly { readonly name: string; readonly isIt: RegExp; readonly remedy: string }[] = [
  { name: 'x-powered-by', isIt: /./, remedy: 'app.disable("x-powered-by"), or helmet.' },
  { name: 'server', isIt: /\d/, remedy: 'Have the proxy leave its version out: "server_tokens off" in nginx.' },
  { name: 'x-aspnet-version', isIt: /./, remedy: 'Have the proxy take it out.' },
  { name: 'x-runtime', isIt: /./, remedy: 'Have the proxy take it out.' },
]

/** Looks at the headers of a refusal: what they give away, and whether caches may keep it. */
export function examineHeaders({ status, headers }: Answer): readonly Finding[] {
  const talkative = TALKATIVE.flatMap(({ name, isIt, remedy }): readonly Finding[] => {
    const value = headers.get(name)
    return value !== null && isIt.test(value)
      ? [{ about: 'headers', mood: 'bad', says: `${name}: ${quote(value)}`, remedy }]
      : []
  })
  const caching = headers.get('cache-control') ?? ''
  const remedy = 'Send "Cache-Control: no-store" with a 401: docs/proxies.md.'
  const cached: readonly Finding[] =
    status === 401 && !/no-store|private|no-cache/i.test(caching)
      ? [{ about: 'caching', mood: 'bad', says: 'a cache may keep the refusal', remedy }]
      : []
  const opened = headers.get('access-control-allow-origin')
  const exposed = (headers.get('access-control-expose-headers') ?? '').toLowerCase()
  const hidden: readonly Finding[] =
    opened !== null && status === 401 && !/www-authenticate|\*/.test(exposed)
      ? [
          {
            about: 'CORS',
            mood: 'bad',
            says: 'a page cannot read the challenge',
            remedy: 'cors({ exposedHeaders: ["WWW-Authenticate"] }): docs/cors.md.',
          },
        ]
      : []
  return [...talkative, ...cached, ...hidden]
}
