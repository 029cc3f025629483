import { createHash } from 'node:crypto'
import { json, oauthError, readForm, type Answer, type Asked, type Form } from './answer.js'
import { checkProof } from './check-proof.js'
import type { Consent, Family, Grants, PendingCode } from './grants.js'
import type { Grant, Mint } from './mint.js'

interface Setup {
  readonly audience: string
  readonly grants: Grants
  readonly mint: Mint
  /** How long access tokens live, in seconds; undefined for as long as the provider's do. */
  readonly seconds: number | undefined
}

/** A request whose form and proof were read. */
interface Request {
  readonly form: Form
  readonly clientId: string
  readonly jkt: string | undefined
}

/** The token endpoint: codes, refresh tokens that are good for once, and clients for themselves. Any secret is a good one. */
export function createTokenEndpoint(setup: Setup): (asked: Asked) => Promise<Answer> {
  const types = createGrantTypes(setup)
  return async (asked) => {
    const form = readForm(new URLSearchParams(asked.body))
    if (form === undefined) return oauthError('invalid_request', 'A parameter comes twice.')
    const clientId = readClientId(asked, form)
    if (clientId === undefined) return oauthError('invalid_client', 'There is no "client_id".', 401)
    const proof = asked.headers['dpop']
    const uri = asked.url.origin + asked.url.pathname
    const now = setup.mint.now()
    const jkt = proof === undefined ? undefined : await checkProof({ proof, method: asked.method, uri, now })
    if (proof !== undefined && jkt === undefined) return oauthError('invalid_dpop_proof', 'The DPoP proof is not good.')
    const type = form('grant_type') ?? ''
    const answer = Object.hasOwn(types, type) ? types[type] : undefined
    if (answer !== undefined) return answer({ form, clientId, jkt })
    return oauthError('unsupported_grant_type', `Known are ${Object.keys(types).join(', ')}.`)
  }
}

type GrantType = (request: Request) => Answer | Promise<Answer>

function createGrantTypes({ audience, grants, mint, seconds }: Setup): Readonly<Record<string, GrantType>> {
  const answer = async (grant: Grant, family?: Family): Promise<Answer> => {
    const access = await mint.access({ ...grant, seconds })
    grants.noteAccess(access.token, access.claims, family)
    const { exp } = access.claims
    const isOpenId = grant.person !== undefined && grant.scopes?.includes('openid') === true
    return json({
      access_token: access.token,
      token_type: grant.jkt === undefined ? 'Bearer' : 'DPoP',
      ...(typeof exp === 'number' && { expires_in: exp - mint.now() }),
      ...(grant.scopes && { scope: grant.scopes.join(' ') }),
      ...(family && { refresh_token: grants.addRefresh(family) }),
      ...(isOpenId && { id_token: (await mint.id(grant, access.token)).token }),
    })
  }
  const forFamily = (family: Family, jkt: string | undefined, scopes: readonly string[] | undefined): Promise<Answer> =>
    answer({ ...family.consent, scopes, jkt }, family)

  return {
    authorization_code({ form, clientId, jkt }) {
      const code = form('code') ?? ''
      const pending = grants.takeCode(code)
      if (pending === undefined) return badGrant('The code is unknown, or was used.')
      const { consent } = pending
      const wrong = describeMismatch(pending, form, clientId)
      if (wrong !== undefined) return badGrant(wrong)
      if (mint.now() >= pending.expiresAt) return badGrant('The code is over: it lives for a minute.')
      const family: Family = { consent, jkt, isRevoked: false }
      grants.noteFamily(code, family)
      return forFamily(family, jkt, consent.scopes)
    },
    refresh_token({ form, clientId, jkt }) {
      const token = form('refresh_token') ?? ''
      const family = grants.findRefresh(token)
      if (family !== undefined && family.consent.clientId !== clientId) {
        return badGrant('The refresh token is of another client.')
      }
      // RFC 9449 §5: those of a public client are bound to the key that they were given for.
      if (family?.jkt !== undefined && family.jkt !== jkt)
        return oauthError('invalid_dpop_proof', 'It needs its own key.')
      if (family === undefined || grants.takeRefresh(token) === undefined) {
        return badGrant('The refresh token is unknown, taken back, or was used: sign in again.')
      }
      return forFamily(family, jkt, narrowed(family.consent, form('scope')))
    },
    client_credentials({ form, clientId, jkt }) {
      const wanted = form('resource') ?? form('audience') ?? audience
      return answer({ person: undefined, clientId, audience: wanted, scopes: readScopes(form('scope')), jkt })
    },
  }
}

function badGrant(description: string): Answer {
  return oauthError('invalid_grant', description)
}

function describeMismatch({ consent, challenge, redirectUri }: PendingCode, form: Form, clientId: string) {
  const verifier = form('code_verifier') ?? ''
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    return 'The "code_verifier" is not that of the code.'
  }
  if (consent.clientId !== clientId) return 'The code is of another client.'
  return form('redirect_uri') === redirectUri ? undefined : 'The code is of another "redirect_uri".'
}

/** From the form, or from `Authorization: Basic` (RFC 6749 §2.3.1). */
function readClientId({ headers }: Asked, form: Form): string | undefined {
  const basic = /^Basic ([\w+/=]+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (basic === undefined) return form('client_id')
  const [encoded = ''] = Buffer.from(basic, 'base64').toString().split(':')
  const id = new URLSearchParams(`id=${encoded}`).get('id')
  return id === null || id === '' ? undefined : id
}

function readScopes(text: string | undefined): readonly string[] | undefined {
  return text?.split(' ').filter((one) => one !== '')
}

/** What was granted, or less (RFC 6749 §6). */
function narrowed({ scopes }: Consent, asked: string | undefined): readonly string[] | undefined {
  const wanted = readScopes(asked)
  return wanted === undefined ? scopes : scopes?.filter((one) => wanted.includes(one))
}
