import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'

/** Members of a token or a proof to change; `undefined` takes one out. */
type Members = Readonly<Record<string, unknown>>

/** The request that a proof is for. */
export interface DpopRequest {
  /** Default: `'GET'`. */
  readonly method?: string | undefined
  /** What the client asks for, with the `origin` of the option `dpop`: `https://api.example.com/orders`. */
  readonly url: string
  /** The access token that goes with it. */
  readonly token: string
  /** The value of `DPoP-Nonce`, where the API has given one out. Default: none. */
  readonly nonce?: string | undefined
}

/**
 * What may be wrong with a proof, and the code that an API answers with. For a proof that was used before, send a good one
 * twice. To an API without the option `dpop.nonce` no nonce is wrong.
 */
export const wrongProofs = Object.freeze({
  /** It is marked as another kind of JWT. */
  typ: 'invalid_dpop_proof',
  /** It is for another method. */
  htm: 'invalid_dpop_proof',
  /** It is for another host. */
  htu: 'invalid_dpop_proof',
  /** It was made the day before: an API takes those of an hour at most. */
  iat: 'invalid_dpop_proof',
  /** It is for another access token. */
  ath: 'invalid_dpop_proof',
  /** It has no name of its own, by which a second use would show. */
  jti: 'invalid_dpop_proof',
  /** It holds a nonce of somebody else's. */
  nonce: 'use_dpop_nonce',
  /** Another key signed it than the one it names, which is the client's. */
  signature: 'invalid_dpop_proof',
  /** It is another client's, and right as such. */
  key: 'key_binding_mismatch',
})

export type WrongProof = keyof typeof wrongProofs

/** A client with a key of its own (ES256), to which its tokens are bound (RFC 9449). */
export interface TestDpopClient {
  /** What tokens that are bound to its key hold as `cnf.jkt` (RFC 7638). */
  readonly thumbprint: string
  /** Mints an access token that is bound to its key. */
  accessToken(claims?: Members, header?: Members): Promise<string>
  /** Makes a good proof, by the time of the issuer, each with a `jti` of its own; or one with other claims and header members. */
  proof(request: DpopRequest, claims?: Members, header?: Members): Promise<string>
  /** Makes a proof in which one thing is wrong: see {@link wrongProofs} for the code that it gets. */
  wrongProof(what: WrongProof, request: DpopRequest): Promise<string>
  /** The header fields of a request with the token and a new good proof. */
  headers(request: DpopRequest): Promise<{ readonly Authorization: string; readonly DPoP: string }>
}

/** What a client needs of its issuer. */
interface DpopIssuer {
  readonly accessToken: (claims: Members, header?: Members) => Promise<string>
  readonly now: () => number
}

/** Creates a client that proves its key. */
export function createDpopClient({ accessToken, now }: DpopIssuer): TestDpopClient {
  const own = createKey()
  const makeProof = (key: Key, request: DpopRequest, claims: Members = {}, header: Members = {}): Promise<string> => {
    const { method = 'GET', url, token, nonce } = request
    const said = { jti: randomUUID(), htm: method, htu: url, iat: now(), ath: hashOf(token), nonce, ...claims }
    // JSON has no `undefined`: such a member is left out. jose sets no claim by itself.
    return new SignJWT(said)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk, ...header })
      .sign(key.privateKey)
  }
  const proof: TestDpopClient['proof'] = (request, claims, header) => makeProof(own, request, claims, header)
  return {
    thumbprint: own.thumbprint,
    accessToken: (claims, header) => accessToken({ cnf: { jkt: own.thumbprint }, ...claims }, header),
    proof,
    wrongProof(what, request) {
      const { method, token } = request
      switch (what) {
        case 'typ':
          return proof(request, {}, { typ: 'JWT' })
        case 'htm':
          return proof({ ...request, method: method === 'DELETE' ? 'GET' : 'DELETE' })
        case 'htu':
          return proof({ ...request, url: 'https://elsewhere.example/' })
        case 'iat':
          return proof(request, { iat: now() - 86_400 })
        case 'ath':
          return proof({ ...request, token: `${token}.` })
        case 'jti':
          return proof(request, { jti: undefined })
        case 'nonce':
          return proof({ ...request, nonce: randomUUID() })
        case 'signature':
          return makeProof(createKey(), request, {}, { jwk: own.jwk })
        case 'key':
          return makeProof(createKey(), request)
        default:
          return Promise.reject(unknown(what))
      }
    },
    async headers(request) {
      return { Authorization: `DPoP ${request.token}`, DPoP: await proof(request) }
    },
  }
}

interface Key {
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
  readonly thumbprint: string
}

function createKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  // RFC 7638 §3.2: the members that the key needs, in the order of their names.
  return { privateKey, jwk: { kty, crv, x, y }, thumbprint: hashOf(JSON.stringify({ crv, kty, x, y })) }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Without TypeScript anything may be asked for. */
function unknown(what: never): TypeError {
  return new TypeError(`Unknown mistake "${String(what)}". Known are: ${Object.keys(wrongProofs).join(', ')}.`)
}
