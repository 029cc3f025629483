import { createHash } from 'node:crypto'
import { compactVerify, importJWK } from 'jose'
import { CLAIMS_BOUNDS, HEADER_BOUNDS, readBase64Url, readMembers, type Json } from './reference-validator.js'

// A second opinion on DPoP proofs, for tests only. It shares nothing with src: JSON and base64url by the reference validator,
// signatures by jose, URIs as RFC 3986 writes its algorithms down, replays by a list.

/** A proof, and what it must be for. */
export interface JudgedRequest {
  readonly proof: string | undefined
  readonly method: string
  readonly target: string
  readonly token: string
  readonly boundTo: string | undefined
}

export interface DpopReferenceRules {
  readonly origin: string
  readonly algorithms: readonly string[]
  readonly maxAge: number
  readonly skew: number
  /** Those that are taken at a time; undefined where none are used. */
  readonly noncesAt: ((now: number) => readonly string[]) | undefined
}

type Members = ReadonlyMap<string, Json>

/** What is wrong with a proof: the names of all rules that it breaks. */
export type DpopJudge = (request: JudgedRequest, now: number) => Promise<readonly string[]>

/** Creates a judge that remembers what it let in. */
export function createDpopJudge(rules: DpopReferenceRules): DpopJudge {
  const seen: { readonly name: string; readonly until: number }[] = []
  return async (request, now) => {
    const parts = partsOf(request.proof)
    if (parts === undefined) return ['form']
    const { header, claims } = parts
    const reasons = listRules({ request, header, claims, rules, now }).flatMap(([name, isBroken]) =>
      isBroken() ? [name] : [],
    )
    const jwk = header.get('jwk')
    const alg = textOf(header.get('alg'))
    if (!reasons.includes('jwk') && !(await isSigned(request.proof ?? '', jwk as Members, alg)))
      reasons.push('signature')
    if (reasons.length > 0) return reasons

    const uri = targetOf(rules.origin, request.target) ?? ''
    const name = [request.boundTo, textOf(claims.get('jti')), request.method, uri].join('\n')
    if (seen.some((one) => one.name === name && now < one.until)) return ['replay']
    seen.push({ name, until: numberIn(claims, 'iat') + rules.maxAge + rules.skew })
    return []
  }
}

function partsOf(proof: string | undefined): { readonly header: Members; readonly claims: Members } | undefined {
  if (proof === undefined || proof.length > 8192) return undefined
  const [headerText = '', payloadText = '', signatureText = '', ...more] = proof.split('.')
  if (headerText.length > 4096 || more.length > 0 || readBase64Url(signatureText) === undefined) return undefined
  const header = readMembers(headerText, HEADER_BOUNDS)
  const claims = readMembers(payloadText, CLAIMS_BOUNDS)
  return header === undefined || claims === undefined ? undefined : { header, claims }
}

interface Trial {
  readonly request: JudgedRequest
  readonly header: Members
  readonly claims: Members
  readonly rules: DpopReferenceRules
  readonly now: number
}

function listRules({ request, header, claims, rules, now }: Trial): readonly [name: string, isBroken: () => boolean][] {
  const { method, target, token, boundTo } = request
  const { maxAge, skew, origin, algorithms, noncesAt } = rules
  const alg = header.get('alg')
  const jwk = header.get('jwk')
  const nonce = claims.get('nonce')
  return [
    ['typ', () => header.get('typ') !== 'dpop+jwt'],
    ['header', () => ['crit', 'b64', 'zip', 'enc'].some((name) => header.has(name))],
    ['alg', () => !algorithms.includes(textOf(alg))],
    ['jwk', () => !(jwk instanceof Map && isGoodKey(jwk as Members, alg))],
    ['htm', () => claims.get('htm') !== method],
    ['htu', () => normalise(claims.get('htu')) !== (targetOf(origin, target) ?? 'no URI')],
    ['iat', () => !isInWindow(claims.get('iat'), now - maxAge, now + skew)],
    ['exp', () => claims.has('exp') && !(numberIn(claims, 'exp') > now - skew)],
    ['nbf', () => claims.has('nbf') && !(numberIn(claims, 'nbf') <= now + skew)],
    ['ath', () => claims.get('ath') !== createHash('sha256').update(token, 'latin1').digest('base64url')],
    ['jti', () => !isIdentifier(claims.get('jti'))],
    ['nonce type', () => claims.has('nonce') && typeof nonce !== 'string'],
    ['binding', () => boundTo === undefined || !(jwk instanceof Map) || boundTo !== thumbprintOf(jwk as Members)],
    ['nonce', () => noncesAt !== undefined && !noncesAt(now).includes(textOf(nonce))],
  ]
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isIdentifier(jti: Json | undefined): boolean {
  return typeof jti === 'string' && jti.length >= 1 && jti.length <= 256 && !Array.from(jti).some(isControl)
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code < 32 || (code >= 127 && code < 160)
}

function numberIn(claims: Members, name: string): number {
  const value = claims.get(name)
  return typeof value === 'number' ? value : Number.NaN
}

function isInWindow(iat: Json | undefined, from: number, to: number): boolean {
  return typeof iat === 'number' && Number.isInteger(iat) && iat >= from && iat <= to
}

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

function neededOf(jwk: Members): readonly (readonly [name: string, text: string])[] {
  return (NEEDED[textOf(jwk.get('kty'))] ?? []).map((name) => [name, textOf(jwk.get(name))])
}

function thumbprintOf(jwk: Members): string {
  const text = `{${neededOf(jwk)
    .map(([name, value]) => `"${name}":"${value}"`)
    .join(',')}}`
  return createHash('sha256').update(text).digest('base64url')
}

const FITS: Readonly<Record<string, readonly [kty: string, crv?: string, bytes?: number]>> = {
  RS256: ['RSA'],
  PS256: ['RSA'],
  ES256: ['EC', 'P-256', 32],
  ES384: ['EC', 'P-384', 48],
  EdDSA: ['OKP', 'Ed25519', 32],
}

function isGoodKey(jwk: Members, alg: Json | undefined): boolean {
  const [kty, crv, width] = FITS[textOf(alg)] ?? []
  const operations = jwk.get('key_ops')
  const kid = jwk.get('kid')
  const numbers = neededOf(jwk)
    .filter(([name]) => name !== 'kty' && name !== 'crv')
    .map(([, text]) => readBase64Url(text))
  return [
    kty !== undefined && jwk.get('kty') === kty,
    crv === undefined || jwk.get('crv') === crv,
    !['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].some((name) => jwk.has(name)),
    !jwk.has('use') || jwk.get('use') === 'sig',
    !jwk.has('alg') || jwk.get('alg') === alg,
    operations === undefined || (Array.isArray(operations) && operations.includes('verify')),
    kid === undefined || (textOf(kid).length > 0 && textOf(kid).length <= 256),
    kty === 'RSA' ? isGoodRsa(jwk) : numbers.every((bytes) => bytes?.length === width),
  ].every(Boolean)
}

function isGoodRsa(jwk: Members): boolean {
  const modulus = readBase64Url(textOf(jwk.get('n')))
  return modulus !== undefined && modulus.length >= 256 && modulus[0] !== 0 && jwk.get('e') === 'AQAB'
}

async function isSigned(proof: string, jwk: Members, alg: string): Promise<boolean> {
  try {
    const key = await importJWK(Object.fromEntries(neededOf(jwk)), alg)
    await compactVerify(proof, key, { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}

/** RFC 3986, appendix B, of what is a http(s) URI of printable characters. */
function normalise(htu: Json | undefined): string | undefined {
  const text = textOf(htu)
  if (Array.from(text).some((character) => character <= ' ' || character > '~')) return undefined
  const [, scheme = '', authority, path = ''] =
    /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?[^#]*)?(?:#.*)?$/.exec(text) ?? []
  const protocol = scheme.toLowerCase()
  const host =
    protocol === 'https' ? readHost(authority, '443') : protocol === 'http' ? readHost(authority, '80') : undefined
  const spelt = spellPath(path === '' ? '/' : path)
  return host === undefined || spelt === undefined ? undefined : `${protocol}://${host}${spelt}`
}

function readHost(authority: string | undefined, usualPort: string): string | undefined {
  const [, host, port = ''] = /^([A-Za-z0-9.-]+)(?::(\d*))?$/.exec(authority ?? '') ?? []
  return port === '' || port === usualPort ? host?.toLowerCase() : `${host?.toLowerCase() ?? ''}:${port}`
}

function targetOf(origin: string, target: string): string | undefined {
  if (target.includes('#')) return undefined
  const [path = ''] = target.split('?')
  const spelt = path.startsWith('/') ? spellPath(path) : undefined
  return spelt === undefined ? undefined : origin + spelt
}

/** RFC 3986 sections 6.2.2.1 to 6.2.2.3. */
function spellPath(path: string): string | undefined {
  let spelt = ''
  for (let i = 0; i < path.length; i++) {
    const character = path.charAt(i)
    if (character === '\\') return undefined
    if (character !== '%') {
      spelt += /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/.test(character) ? character : encodeURIComponent(character)
      continue
    }
    const digits = path.slice(i + 1, i + 3)
    if (!/^[\dA-Fa-f]{2}$/.test(digits)) return undefined
    const decoded = String.fromCharCode(Number(`0x${digits}`))
    spelt += /[A-Za-z0-9\-._~]/.test(decoded) ? decoded : `%${digits.toUpperCase()}`
    i += 2
  }
  return removeDotSegments(spelt)
}

/** RFC 3986 section 5.2.4, step by step. */
function removeDotSegments(path: string): string {
  let input = path
  let output = ''
  while (input !== '') {
    if (input.startsWith('/./')) input = input.slice(2)
    else if (input === '/.') input = '/'
    else if (input.startsWith('/../') || input === '/..') {
      input = `/${input.slice(4)}`
      output = output.slice(0, Math.max(0, output.lastIndexOf('/')))
    } else {
      const end = input.indexOf('/', 1)
      output += end === -1 ? input : input.slice(0, end)
      input = end === -1 ? '' : input.slice(end)
    }
  }
  return output
}
