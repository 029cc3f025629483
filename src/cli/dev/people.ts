import { readFileSync, statSync } from 'node:fs'
import { ConfigurationError } from '../../errors.js'
import { isObject } from './is-object.js'

/** Somebody who can be picked at the sign-in page. */
export interface Person {
  readonly sub: string
  readonly name: string
  readonly email: string | undefined
  /** The scopes that may be granted; undefined for whatever is asked for. */
  readonly scopes: readonly string[] | undefined
  /** What else access tokens say, roles for example. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Who is there now. */
export interface People {
  readonly all: () => readonly Person[]
  readonly find: (sub: string) => Person | undefined
}

const builtIn: readonly Person[] = [
  { sub: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com', scopes: undefined, claims: {} },
  { sub: 'user-2', name: 'Grace Hopper', email: 'grace@example.com', scopes: undefined, claims: {} },
  {
    sub: 'admin-1',
    name: 'Radia Perlman',
    email: 'radia@example.com',
    scopes: undefined,
    claims: { roles: ['admin'] },
  },
]

/** The longest list that a page shows. */
const MAX_PEOPLE = 200

/**
 * Reads people from a JSON file, and again whenever it has changed; without a file, three are built in. A file that has
 * become unreadable changes nobody, and is complained of.
 *
 * @throws {ConfigurationError} When it cannot be read the first time.
 */
export function readPeople(path: string | undefined, complain: (text: string) => void): People {
  let people = path === undefined ? builtIn : readFile(path)
  let readAt = path === undefined ? '' : stampOf(path)
  const all = (): readonly Person[] => {
    if (path === undefined) return people
    const stamp = stampOf(path)
    if (stamp === readAt) return people
    readAt = stamp
    try {
      people = readFile(path)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      complain(`${error.message} Those who were there before stay.`)
    }
    return people
  }
  return { all, find: (sub) => all().find((person) => person.sub === sub) }
}

/** Changes when the file does. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 'gone' : `${String(stat.mtimeMs)} ${String(stat.size)} ${String(stat.ino)}`
}

function readFile(path: string): readonly Person[] {
  const found = parse(path)
  if (!Array.isArray(found) || found.length === 0 || found.length > MAX_PEOPLE) {
    throw new ConfigurationError(`${path} must hold a JSON list of 1 to ${String(MAX_PEOPLE)} people.`)
  }
  const people = found.map((member, index) => readPerson(member, `${path}, person ${String(index + 1)}`))
  if (new Set(people.map(({ sub }) => sub)).size < people.length) {
    throw new ConfigurationError(`${path} has two people with one "sub".`)
  }
  return people
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error
    throw new ConfigurationError(isMissing ? `${path} cannot be read.` : `${path} is no JSON document.`)
  }
}

const known = ['sub', 'name', 'email', 'scopes', 'claims']

function readPerson(member: unknown, where: string): Person {
  if (!isObject(member)) throw new ConfigurationError(`${where}: it must be an object with "sub".`)
  const unknown = Object.keys(member).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`${where}: ${JSON.stringify(unknown)} is none of ${known.join(', ')}.`)
  }
  const { sub, name = sub, email, scopes, claims = {} } = member
  const wrong = (what: string) => new ConfigurationError(`${where}: ${what}.`)
  if (typeof sub !== 'string' || sub === '') throw wrong('"sub" must be a text')
  if (typeof name !== 'string') throw wrong('"name" must be a text')
  if (!isTextOrNone(email)) throw wrong('"email" must be a text')
  if (scopes !== undefined && !isTexts(scopes)) throw wrong('"scopes" must be a list of texts')
  if (!isObject(claims)) throw wrong('"claims" must be an object')
  return { sub, name, email, scopes, claims }
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
