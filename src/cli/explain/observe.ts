import { isJsonObject, ownMember, type JsonObject } from '../../lib/strict-json.js'

/** Something about a token that is no reason to refuse it, or explains one that is. */
export interface Note {
  readonly name: string
  readonly says: string
}

const CLIENT_CLAIMS = ['azp', 'client_id', 'appid', 'cid']
const LONG_SECONDS = 86_400

interface Observation {
  readonly name: string
  /** Of a token that is refused it would only distract. */
  readonly ofAccepted?: true
  /** Answers what is to be said, or nothing. */
  readonly look: (claims: JsonObject) => string | undefined
}

const OBSERVATIONS: readonly Observation[] = [
  {
    name: 'DPoP-bound',
    look: (claims) =>
      confirmation(claims, 'jkt')
        ? 'The token is bound to a key ("cnf" has "jkt"): it counts only with a DPoP proof of that key in every request, under the scheme DPoP, and never as a plain Bearer token. A command line has no such key, so that only the token is judged here.'
        : undefined,
  },
  {
    name: 'TLS-bound',
    look: (claims) =>
      confirmation(claims, 'x5t#S256')
        ? 'The token is bound to a client certificate ("cnf" has "x5t#S256"): it counts only over a TLS connection with that certificate, and never as a plain Bearer token.'
        : undefined,
  },
  {
    name: 'shared aud',
    ofAccepted: true,
    look(claims) {
      const audience = [ownMember(claims, 'aud')].flat()
      const isShared = CLIENT_CLAIMS.some((name) => {
        const client = ownMember(claims, name)
        return typeof client === 'string' && audience.includes(client)
      })
      return isShared
        ? '"aud" names the client itself, as that of an ID token does: it keeps nothing apart. Give the API an audience of its own at the issuer.'
        : undefined
    },
  },
  {
    name: 'overage',
    look: (claims) =>
      Object.hasOwn(claims, '_claim_names') || ownMember(claims, 'hasgroups') === true
        ? 'There were too many groups for the token, and it holds none ("_claim_names", "hasgroups"): whoever is asked for one is refused. Have Entra write only groups that are assigned to the application, or use app roles.'
        : undefined,
  },
  {
    name: 'no user',
    look: (claims) =>
      isOfApp(claims)
        ? 'A client got the token for itself: no user is behind it. delegated() refuses such, appOnly() asks for it.'
        : undefined,
  },
  {
    name: 'scope form',
    look: (claims) =>
      ['scope', 'scp'].some((name) => /[,;]/.test(textOf(claims, name)))
        ? 'A scope holds a comma: scopes are separated by spaces (RFC 6749 section 3.3), so that "a,b" is one scope.'
        : undefined,
  },
  {
    name: 'long life',
    ofAccepted: true,
    look(claims) {
      const [from, until] = [ownMember(claims, 'iat'), ownMember(claims, 'exp')]
      const isLong = typeof from === 'number' && typeof until === 'number' && until - from > LONG_SECONDS
      return isLong
        ? 'It lives for more than a day: so long a stolen one is good, and a connection that it opened. "maxTokenAgeSeconds" sets a limit.'
        : undefined
    },
  },
]

/** Says what else of a token is worth knowing. It goes by what the token says, whoever wrote it. */
export function observe(claims: JsonObject, isAccepted: boolean): readonly Note[] {
  return OBSERVATIONS.flatMap(({ name, ofAccepted, look }) => {
    const says = ofAccepted === true && !isAccepted ? undefined : look(claims)
    return says === undefined ? [] : [{ name, says }]
  })
}

function confirmation(claims: JsonObject, member: string): boolean {
  const cnf = ownMember(claims, 'cnf')
  return isJsonObject(cnf) && Object.hasOwn(cnf, member)
}

function isOfApp(claims: JsonObject): boolean {
  const sub = ownMember(claims, 'sub')
  const isClient = sub !== undefined && CLIENT_CLAIMS.some((name) => ownMember(claims, name) === sub)
  return isClient || ownMember(claims, 'idtyp') === 'app' || /client.credentials$/.test(textOf(claims, 'gty'))
}

function textOf(claims: JsonObject, name: string): string {
  const value = ownMember(claims, name)
  return typeof value === 'string' ? value.slice(0, 4096) : ''
}
