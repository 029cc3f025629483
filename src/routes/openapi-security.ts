import { ConfigurationError } from '../errors.js'
import { isJsonObject } from '../lib/strict-json.js'
import { allOf, anyOf } from '../policy/combine.js'
import { definePolicy, deny, grant, type Policy } from '../policy/decision.js'
import { open } from '../policy/open.js'
import { role } from '../policy/role.js'
import { scope } from '../policy/scope.js'
import { entriesOf, own } from './openapi-document.js'

/** Whose tokens satisfy a security scheme, by the name of the scheme. */
export type SchemeIssuers = Readonly<Record<string, string | readonly string[]>>

/** Policies that take a token of any issuer for one of their scheme: right only where there is one issuer. */
const ofAnyIssuer = new WeakSet<Policy>()

/** Tells whether a policy was made of a scheme of which nobody said whose tokens satisfy it. */
export function isOfAnyIssuer(policy: Policy): boolean {
  return ofAnyIssuer.has(policy)
}

/** Makes policies of the requirements of operations, and refuses what a document does not tell. */
export function createSecurityReader(
  document: object,
  issuers: SchemeIssuers | undefined,
): (name: string, requirements: unknown) => Policy {
  const schemes = own(own(document, 'components'), 'securitySchemes')
  const used = new Set<string>()
  const issuersOf = readIssuers(issuers, schemes)

  const policyOf = (name: string, scheme: string, needed: unknown): Policy => {
    const policy = policyOfScheme(name, scheme, needed, own(schemes, scheme))
    used.add(scheme)
    if (issuers === undefined && used.size > 1) {
      const names = [...used].map((one) => `"${one}"`).join(' and ')
      throw new ConfigurationError(
        `The OpenAPI document does not say whether the security schemes ${names} are of one issuer: ` +
          'name the issuers of each, routesFromOpenApi(document, { issuers: { SCHEME: ISSUER } }).',
      )
    }
    if (issuers === undefined) return policy
    const names = issuersOf.get(scheme)
    if (names === undefined) {
      throw new ConfigurationError(`"${name}" needs the security scheme "${scheme}", of which "issuers" names none.`)
    }
    return allOf(fromIssuer(names), policy)
  }
  return (name, requirements) => {
    const alternatives = readRequirements(name, requirements).map((requirement) =>
      entriesOf(requirement).map(([scheme, needed]) => policyOf(name, scheme, needed)),
    )
    if (alternatives.length === 0 || alternatives.some((policies) => policies.length === 0)) return open()
    const policy = oneOrMore(
      anyOf,
      alternatives.map((policies) => oneOrMore(allOf, policies)),
    )
    if (issuers === undefined) ofAnyIssuer.add(policy)
    return policy
  }
}

function readIssuers(issuers: unknown, schemes: unknown): ReadonlyMap<string, readonly string[]> {
  if (issuers !== undefined && !isJsonObject(issuers)) {
    throw new ConfigurationError('"issuers" of routesFromOpenApi() must be an object: { SCHEME: ISSUER }.')
  }
  return new Map(
    entriesOf(issuers).map(([scheme, names]) => {
      if (own(schemes, scheme) === undefined) {
        throw new ConfigurationError(
          `"issuers" names the security scheme "${scheme}", which the document does not define.`,
        )
      }
      const list: readonly unknown[] = [names].flat()
      const texts = list.filter((one) => typeof one === 'string' && one !== '')
      if (list.length === 0 || texts.length < list.length) {
        throw new ConfigurationError(`"issuers" must name one issuer of "${scheme}", or an array of them.`)
      }
      return [scheme, texts as readonly string[]] // filtered above
    }),
  )
}

function readRequirements(name: string, requirements: unknown): readonly object[] {
  if (requirements === undefined) {
    throw new ConfigurationError(
      `"${name}" has no "security" in the OpenAPI document: write "security": [] if it is open.`,
    )
  }
  if (!Array.isArray(requirements) || !requirements.every(isJsonObject)) {
    throw new ConfigurationError(`"security" of "${name}" must be an array of objects.`)
  }
  return requirements
}

/** What a scheme in a requirement asks for. */
function policyOfScheme(name: string, scheme: string, needed: unknown, definition: unknown): Policy {
  const type = own(definition, 'type')
  if (!Array.isArray(needed) || !needed.every((one) => typeof one === 'string')) {
    throw new ConfigurationError(`"${name}" must list the scopes of "${scheme}" in an array.`)
  }
  if (own(definition, '$ref') !== undefined) {
    throw new ConfigurationError(
      `The security scheme "${scheme}" is a reference: resolve references before you call routesFromOpenApi().`,
    )
  }
  const isBearer = type === 'http' && String(own(definition, 'scheme')).toLowerCase() === 'bearer'
  if (type !== 'oauth2' && type !== 'openIdConnect' && !isBearer) {
    throw new ConfigurationError(
      `"${name}" needs the security scheme "${scheme}", which ${definition === undefined ? 'the document does not define' : 'is nothing that an access token can satisfy'}: ` +
        'known are the types oauth2, openIdConnect, and http with bearer.',
    )
  }
  if (needed.length === 0) return validToken()
  return isBearer
    ? oneOrMore(
        allOf,
        needed.map((one) => role(one)),
      )
    : scope(...needed)
}

const validToken = (): Policy => definePolicy({ description: 'any valid token' }, () => true)

function fromIssuer(issuers: readonly string[]): Policy {
  return definePolicy({ description: `issuer ${issuers.join(' or ')}` }, ({ issuer }) =>
    issuers.includes(issuer)
      ? grant
      : deny('the token is of an issuer whose tokens do not satisfy the security scheme'),
  )
}

function oneOrMore(combine: (...policies: Policy[]) => Policy, policies: readonly Policy[]): Policy {
  const [first] = policies
  return policies.length === 1 && first !== undefined ? first : combine(...policies)
}
