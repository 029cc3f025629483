import { METHODS } from 'node:http'
import { ConfigurationError } from '../errors.js'
import type { Protection } from '../express/protection.js'
import { describePolicy, type Policy } from '../policy/decision.js'
import { isOpen, open } from '../policy/open.js'
import { readPath, type RequestPath } from './request-path.js'
import {
  covers,
  exampleOf,
  isIndex,
  isSpeltOut,
  isWrittenAs,
  matchesIndex,
  matchesReading,
  nameSegments,
  overlaps,
  parsePattern,
  readParameters,
  type NamedReading,
  type RoutePattern,
} from './route-pattern.js'
import { withoutParameters } from './spelling.js'

/** A row of a route table: what must hold for requests of a method (`ALL`: any) to a path. */
export interface Row {
  /** As it was written: `GET /orders/:id`. */
  readonly name: string
  readonly method: string
  readonly pattern: RoutePattern
  readonly policy: Policy
  /** The row and its policy, in one line. */
  readonly description: string
  readonly isOpen: boolean
}

/** A row that a request must satisfy, with each set of parameters that somebody may read out of the path. */
export interface Match {
  readonly row: Row
  readonly parameters: readonly Parameters[]
}

export type Parameters = Readonly<Record<string, string>>

const ALL = 'ALL'
const methods: readonly string[] = [ALL, ...METHODS.filter((method) => method !== 'HEAD' && method !== 'CONNECT')]

/**
 * Reads a table and refuses what cannot be meant.
 *
 * @throws {ConfigurationError} On a row that is malformed, that stands twice, or that changes nothing.
 */
export function readRows(table: unknown): readonly Row[] {
  const entries = typeof table === 'object' && table !== null && !Array.isArray(table) ? Object.entries(table) : []
  if (entries.length === 0) {
    throw new ConfigurationError("authorizeRoutes() takes rows: { 'GET /orders': scope('orders:read') }.")
  }
  const rows = entries.map(([name, policy]) => readRow(name, policy))
  for (const [at, row] of rows.entries()) {
    for (const other of rows.slice(0, at)) checkPair(other, row, rows)
  }
  for (const row of rows) checkReadings(row, rows)
  return rows
}

/**
 * Finds the rows that a request must satisfy: every one that matches in any reading of its path, so that it does not matter
 * which of them Express goes by, and who reads the path after it. There are none where no row has the path as it is written,
 * or none has it as it may be read: nobody has said that it may be asked for.
 */
export function matchRows(rows: readonly Row[], method: string, path: RequestPath): readonly Match[] {
  const ofMethod = rows.filter((row) => hasMethod(row, method))
  if (!ofMethod.some(({ pattern }) => isWrittenAs(pattern, path))) return []
  const depth = Math.max(...ofMethod.map(({ pattern }) => pattern.segments.length))
  const matches = new Map<Row, Record<string, string>[]>()
  for (const unnamed of path.readings) {
    const reading = nameSegments(unnamed, depth)
    const found = ofMethod.filter(({ pattern }) => matchesReading(pattern, reading))
    if (found.length === 0) return []
    for (const row of [...found, ...rowsOfIndex(ofMethod, found, reading)]) {
      matches.set(row, [...(matches.get(row) ?? []), ...parametersOf(row, reading)])
    }
  }
  return [...matches].map(([row, parameters]) => ({ row, parameters: withoutRepetition(parameters) }))
}

/**
 * The rows for the index of a folder. A row that spells out the folder speaks for its index too, but for one that does so by
 * name: `GET /orders` has `/orders/`, whatever `GET /orders/:id` says.
 */
function rowsOfIndex(rows: readonly Row[], found: readonly Row[], reading: NamedReading): readonly Row[] {
  if (!reading.isFolder) return []
  const isNamed = found.some(({ pattern }) => isSpeltOut(pattern))
  return rows.filter(({ pattern }) => matchesIndex(pattern, reading) && (!isNamed || isIndex(pattern)))
}

/** What a reader makes of parameters that a segment has of its own (`orders;v=1`): it keeps them, or leaves them out. */
function parametersOf({ pattern }: Row, { segments }: NamedReading): readonly Record<string, string>[] {
  const kept = readParameters(pattern, segments)
  return Object.values(kept).some((value) => value.includes(';'))
    ? [kept, readParameters(pattern, segments.map(withoutParameters))]
    : [kept]
}

function withoutRepetition(parameters: readonly Record<string, string>[]): readonly Record<string, string>[] {
  return parameters.length === 1
    ? parameters
    : [...new Map(parameters.map((one) => [JSON.stringify(one), one])).values()]
}

/** What a table does for a route, for all requests that the route could get. */
export function describeRows(rows: readonly Row[], method: string, route: RoutePattern | undefined): Protection {
  const path = route ?? ANYTHING
  const certain = rows.filter((row) => hasMethod(row, method) && !row.isOpen && covers(row.pattern, path))
  if (certain.length > 0) {
    return { description: certain.map(({ policy }) => describePolicy(policy)).join(' and '), isProtected: true }
  }
  const opening = rows.filter(
    (row) => row.isOpen && (hasMethod(row, method) || method === ALL) && overlaps(row.pattern, path),
  )
  return opening.length === 0
    ? { description: 'refused: no row', isProtected: true }
    : { description: `open(): ${opening.map(({ name }) => name).join(', ')}`, isProtected: false }
}

const ANYTHING: RoutePattern = { segments: [], isTree: true }

/** Express answers HEAD with the handler for GET. */
function hasMethod(row: Row, method: string): boolean {
  return row.method === ALL || row.method === (method === 'HEAD' ? 'GET' : method)
}

function readRow(name: string, policy: unknown): Row {
  const [, method = '', path = ''] = /^(\S+) (\/\S*)$/.exec(name) ?? []
  if (path === '') {
    throw new ConfigurationError(`The row "${name}" needs a method, a space and a path: "GET /orders/:id".`)
  }
  checkMethod(name, method)
  const pattern = parsePattern(path)
  if (pattern === undefined) {
    throw new ConfigurationError(
      `The path of the row "${name}" may hold texts and parameters of a whole segment each, and "*" at the end: ` +
        '"/orders/:id", "/files/*". Write what no such path says as several rows, and other characters percent-encoded.',
    )
  }
  if (policy === open) throw new ConfigurationError(`The row "${name}" has open without its parentheses: write open().`)
  if (typeof policy !== 'function') {
    throw new ConfigurationError(
      `The row "${name}" needs a policy: scope(...), allOf(...), open(), or a function (auth, req) => boolean.`,
    )
  }
  // What is a function is a policy: its answer is looked at when it is there.
  const decides = policy as Policy
  const description = `${name}: ${describePolicy(decides)}`
  return { name, method, pattern, policy: decides, description, isOpen: isOpen(decides) }
}

function checkMethod(name: string, method: string): void {
  if (methods.includes(method)) return
  if (method === 'HEAD') {
    throw new ConfigurationError(`The row "${name}" would change nothing: HEAD requests are judged by the rows of GET.`)
  }
  const upper = method.toUpperCase()
  const advice = methods.includes(upper)
    ? `Did you mean "${upper}"?`
    : 'Use one such as GET, POST, PUT, DELETE, or ALL.'
  throw new ConfigurationError(`The row "${name}" has no method that a route can have. ${advice}`)
}

function checkPair(one: Row, other: Row, rows: readonly Row[]): void {
  const isSame = covers(one.pattern, other.pattern, 'written') && covers(other.pattern, one.pattern, 'written')
  if (one.method === other.method && isSame) {
    throw new ConfigurationError(
      `The rows "${one.name}" and "${other.name}" are for the same requests: ` +
        'neither a slash at the end nor the names of parameters tell paths apart. Make them one row, with allOf().',
    )
  }
  checkUseful(one, other, rows)
  checkUseful(other, one, rows)
}

/** An open row adds nothing below a row that is open too, and cannot open what a row that is not open closes. */
function checkUseful(row: Row, other: Row, rows: readonly Row[]): void {
  if (!row.isOpen || !hasMethod(other, row.method)) return
  if (other.isOpen) {
    if (!covers(other.pattern, row.pattern, 'written') || opensIndex(row, rows)) return
    throw new ConfigurationError(
      `The row "${row.name}" changes nothing: every request that it matches is also for the row "${other.name}". ` +
        'Leave it out, since it is open already.',
    )
  }
  if (!covers(other.pattern, row.pattern)) return
  throw new ConfigurationError(
    `The row "${row.name}" opens nothing: every request that it matches is also for the row "${other.name}", ` +
      `and every matching row must grant. Leave it out, or narrow "${other.name}".`,
  )
}

/** A row that spells out a folder has its index, which would be for others without it. */
function opensIndex(row: Row, rows: readonly Row[]): boolean {
  const { pattern } = row
  if (!isSpeltOut(pattern)) return false
  const below: RoutePattern = { segments: [...pattern.segments, { parameter: 'index' }], isTree: false }
  return rows.some((other) => {
    const isOfIndex = other.pattern.segments.length === below.segments.length && !isIndex(other.pattern)
    return (
      !other.isOpen &&
      (hasMethod(other, row.method) || row.method === ALL) &&
      isOfIndex &&
      overlaps(other.pattern, below)
    )
  })
}

/** A text in a row may hold what others read as the end of a segment or of the path: then what they read needs a row. */
function checkReadings(row: Row, rows: readonly Row[]): void {
  const path = readPath(exampleOf(row.pattern))
  if (path !== undefined && matchRows(rows, row.method === ALL ? 'GET' : row.method, path).length > 0) return
  throw new ConfigurationError(
    `The row "${row.name}" grants nothing: its path may also be read with its "/", "?" or "#" decoded, and no row is for that. ` +
      'Add one.',
  )
}
