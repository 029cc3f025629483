import type { JsonObject } from '../../lib/strict-json.js'

/** One token before it is signed. */
export interface TokenTemplate {
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** What a template may refer to. */
export interface TemplateContext {
  readonly issuer: string
  readonly audience: string
  readonly clientId: string
  /** Seconds since the epoch. */
  readonly now: number
  readonly uuid: string
}

/** A provider: what its issuer is called, and what its tokens look like. */
export interface Provider {
  readonly issuer: string
  /** What the option `audience` should be for an API behind this provider. */
  readonly audience: string
  /** Where the keys are, for a provider whose issuer has no metadata or is no address. */
  readonly jwksUri?: string
  /** What a client gets on behalf of a user. */
  readonly access: (context: TemplateContext) => TokenTemplate
  /** What a client gets for itself, where it gets a JWT. */
  readonly app?: (context: TemplateContext) => TokenTemplate
  /** Of the same sign-in, where there is one. */
  readonly id?: (context: TemplateContext) => TokenTemplate
  /** Where it is a JWT. */
  readonly refresh?: (context: TemplateContext) => TokenTemplate
}

export const API = 'https://api.example.com'
export const CLIENT = 'client-1'
export const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'
export const JWT = { typ: 'JWT' }

/** The claims that ID tokens have everywhere: for the client, with the nonce that it sent. */
export function idClaims({ issuer, clientId, now }: TemplateContext): JsonObject {
  return {
    iss: issuer,
    aud: clientId,
    sub: 'user-1',
    iat: now,
    exp: now + 300,
    auth_time: now,
    nonce: 'n-0S6_WzA2Mj',
    at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
  }
}

export function baseClaims({ issuer, audience, now }: TemplateContext): JsonObject {
  return { iss: issuer, aud: audience, sub: 'user-1', iat: now, exp: now + 300 }
}
