import { remember } from '../lib/remember.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'

/**
 * Claims that tell something of a token, all of them together. One language for whatever is told by claims: which kind a token
 * is, which other message, whose it is. Data, not code.
 */
export type Mark = Readonly<Record<string, Sign>>

/**
 * What a claim shows: that it is there or is not, whatever it holds; that it is this text, or a list that holds it; that it
 * is a text that fits. `{iss}` and `{client}` in a text stand for the issuer and the client of the token: where it names
 * none, the mark tells nothing.
 */
export type Sign = boolean | string | RegExp | DetailedSign

interface DetailedSign {
  /** It holds something. Some issuers fill a claim that they have nothing for: an "auth_time" of 0 is no sign-in. */
  readonly filled?: true
  /** It is not this text, nor a list that holds it. */
  readonly not?: string
  /** It is a list that holds this text and more. */
  readonly beside?: string
}

export const filled: Sign = { filled: true }

/** It holds something else than this text. */
export function filledBut(text: string): Sign {
  return { filled: true, not: text }
}

/** A mark taken apart, so that it need not be for each token. */
interface Reading {
  readonly mark: Mark
  readonly signs: readonly { readonly name: string; readonly sign: Sign }[]
}

const readings = new WeakMap<readonly Mark[], readonly Reading[]>()

/** Finds the first mark of which a token carries all. Lists of marks are constants: each is taken apart once. */
export function findMark(marks: readonly Mark[], claims: JsonObject, clientId = ''): Mark | undefined {
  for (const { mark, signs } of readingsOf(marks)) if (bears(signs, claims, clientId)) return mark
  return undefined
}

function readingsOf(marks: readonly Mark[]): readonly Reading[] {
  const known = readings.get(marks)
  if (known !== undefined) return known
  const read = marks.map((mark) => ({ mark, signs: Object.entries(mark).map(([name, sign]) => ({ name, sign })) }))
  readings.set(marks, read)
  return read
}

/** Names the claims of a mark, for a sentence. */
export function describeMark(mark: Mark): string {
  const names = Object.keys(mark)
  const carried = names.filter((name) => mark[name] !== false).map((name) => `"${name}"`)
  const missing = names.find((name) => mark[name] === false)
  return missing === undefined ? carried.join(' and ') : `${carried.join(' and ')}, and no "${missing}"`
}

function bears(signs: Reading['signs'], claims: JsonObject, clientId: string): boolean {
  for (const { name, sign } of signs) {
    if (typeof sign === 'boolean') {
      if (Object.hasOwn(claims, name) !== sign) return false
    } else if (!shows(ownMember(claims, name), sign, claims, clientId)) return false
  }
  return true
}

function shows(value: unknown, sign: Exclude<Sign, boolean>, claims: JsonObject, clientId: string): boolean {
  if (typeof sign === 'string') return value !== undefined && holds(value, sign, claims, clientId) === true
  if (sign instanceof RegExp) return typeof value === 'string' && sign.test(value)
  const { filled: isFilled, not, beside } = sign
  if (isFilled === true && !isMeaningful(value)) return false
  if (not !== undefined && holds(value, not, claims, clientId) !== false) return false
  if (beside === undefined) return true
  return Array.isArray(value) && value.length > 1 && holds(value, beside, claims, clientId) === true
}

/** Whether a claim is a text or a list that holds it; `undefined` where the token does not say what stands in the text. */
function holds(value: unknown, text: string, claims: JsonObject, clientId: string): boolean | undefined {
  if (!text.includes('{')) return isOrHolds(value, text)
  const isOfClient = text.includes(CLIENT)
  const said = isOfClient ? clientId : ownMember(claims, 'iss')
  if (typeof said !== 'string' || said === '') return undefined
  // Some providers write the client's id in lower case where they make a name of it.
  const inSmall = isOfClient ? inLowerCase(said) : said
  const place = isOfClient ? CLIENT : ISSUER
  // By their length most claims are told apart before any text is written out.
  const restLength = text.length - place.length
  if (typeof value === 'string' && value.length - restLength !== said.length) {
    if (value.length - restLength !== inSmall.length) return false
  }
  return isOrHolds(value, fill(text, place, said)) || isOrHolds(value, fill(text, place, inSmall))
}

const smallOf = remember((text) => text.toLowerCase(), { maxEntries: 256, maxLength: 256 })

function inLowerCase(text: string): string {
  return smallOf(text) ?? text.toLowerCase()
}

const CLIENT = '{client}'
const ISSUER = '{iss}'

function fill(text: string, place: string, said: string): string {
  return text === place ? said : text.replace(place, () => said)
}

function isOrHolds(value: unknown, text: string): boolean {
  return value === text || (Array.isArray(value) && value.includes(text))
}

function isMeaningful(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0
}
