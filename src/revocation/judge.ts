import { UnavailableError, type Failure } from '../errors.js'
import { withoutStack } from '../lib/without-stack.js'
import type { Auth } from '../tokens/auth.js'
import { decodeToken } from '../tokens/decode-token.js'
import type { KnownToken } from '../tokens/verified-token-cache.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import { warnOnce } from '../warnings.js'
import { readMarks, type MarkedToken, type Marks } from './marks.js'
import type { RevocationSettings } from './options.js'
import type { ExplainedToken, RevocationJudge } from './revocation.js'
import type { TakenBack } from './taken-back.js'

/** What is known of a remembered token. */
interface Seen {
  readonly marks: Marks
  readonly livesTooLong: boolean
  /** At which nothing of it was taken back. */
  version: number
}

const revoked: Failure = { code: 'token_revoked' }

interface Judging extends Pick<RevocationSettings, 'onUnavailable' | 'maxTokenLifetimeSeconds'> {
  readonly taken: TakenBack
  readonly isCurrent: () => boolean
  readonly watch: (marks: Marks, callback: () => void) => () => void
}

/** Creates what a resource server asks. It answers at once, of what this process knows. */
export function createJudge({
  taken,
  isCurrent,
  watch,
  onUnavailable,
  maxTokenLifetimeSeconds,
}: Judging): RevocationJudge {
  /** By what is remembered of a token, which is one object for all requests with it. */
  const seen = new WeakMap<KnownToken, Seen>()
  /** By what was let in with other claims than those of its token. */
  const originals = new WeakMap<Auth<unknown>, KnownToken>()
  const look = ({ auth: { token }, known }: VerifiedToken): Seen => {
    const { facts } = known
    const found = {
      marks: readMarks({ ...facts, token }),
      livesTooLong: livesLonger(facts, maxTokenLifetimeSeconds),
      version: -1,
    }
    seen.set(known, found)
    return found
  }
  const judge = ({ livesTooLong: isTooLong }: Pick<Seen, 'livesTooLong'>): Failure | undefined => {
    if (isTooLong) return livesTooLong
    if (isCurrent()) return undefined
    if (onUnavailable === 'refuse') throw undecided()
    warnOnce('ERS_REVOCATION_UNREAD')
    return undefined
  }
  return {
    explain(token) {
      const marks = readMarks(token)
      return taken.has(marks) ? revoked : judge({ livesTooLong: livesLonger(token, maxTokenLifetimeSeconds) })
    },
    check(verified) {
      const found = seen.get(verified.known) ?? look(verified)
      const version = taken.version()
      if (found.version !== version) {
        if (taken.has(found.marks)) return revoked
        found.version = version
      }
      return judge(found)
    },
    remember({ auth, known }) {
      // A schema made them. Without one there is nothing to remember.
      if (auth.claims !== known.facts.claims) originals.set(auth, known)
    },
    watch: (auth, callback) => watch(readMarks(markedOf(auth, originals.get(auth))), callback),
  }
}

function livesLonger(
  { expiresAt, issuedAt }: Pick<ExplainedToken, 'expiresAt' | 'issuedAt'>,
  seconds: number,
): boolean {
  return expiresAt - (issuedAt ?? expiresAt) > seconds
}

const livesTooLong: Failure = {
  code: 'invalid_claims',
  detail:
    '"exp" lies further behind "iat" than "maxTokenLifetimeSeconds" of createRevocation(): what was taken back is remembered for that long',
}

/** What a verified token says; a schema may have made something else of its claims. */
function markedOf(auth: Auth<unknown>, known: KnownToken | undefined): MarkedToken {
  if (known !== undefined) return { ...known.facts, token: auth.token }
  const decoded = decodeToken(auth.token)
  // Of an opaque one there is nothing else, and its claims are an object unless a schema made them none.
  const claims = 'claims' in decoded ? decoded.claims : (Object(auth.claims) as MarkedToken['claims'])
  return { ...auth, token: auth.token, claims }
}

/** Makes the error of what cannot be told. */
export function undecided(): UnavailableError {
  const detail = 'it was not read yet what was taken back, or not for longer than "staleSeconds"'
  return withoutStack(() => new UnavailableError('revocation_unavailable', { retryAfterSeconds: 1, detail }))
}
