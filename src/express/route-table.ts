import { METHODS } from 'node:http'
import { ConfigurationError } from '../errors.js'
import { describePolicy, type Policy } from '../policy/decision.js'
import { isOpen, open } from '../policy/open.js'
import type { Protection } from './protection.js'
import { covers, matchesPattern, overlaps, parsePattern, segmentsOf, type RoutePattern } from './route-pattern.js'

/** A row of a route table: what must hold for requests of a method (`ALL`: any) to a path. */
export interface Row {
  /** As it was written: `GET /orders/:id`. */
  readonly name: string
  readonly method: string
  readonly pattern: RoutePattern
  readonly policy: Policy
  readonly isOpen: boolean
}

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
    for (const other of rows.slice(0, at)) checkPair(other, row)
  }
  return rows
}

/** The rows that a request must satisfy: every one that matches, so that it does not matter which of them Express goes by. */
export function matchRows(rows: readonly Row[], method: string, path: string): readonly Row[] {
  const segments = segmentsOf(path)
  return rows.filter((row) => hasMethod(row, method) && matchesPattern(row.pattern, segments))
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
  return { name, method, pattern, policy: policy as Policy, isOpen: isOpen(policy as Policy) }
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

function checkPair(one: Row, other: Row): void {
  if (one.method === other.method && covers(one.pattern, other.pattern) && covers(other.pattern, one.pattern)) {
    throw new ConfigurationError(
      `The rows "${one.name}" and "${other.name}" are for the same requests: ` +
        'neither case nor a slash at the end nor the names of parameters tell paths apart. Make them one row, with allOf().',
    )
  }
  checkUseful(one, other)
  checkUseful(other, one)
}

/** An open row adds nothing below a row that is open too, and cannot open what a row that is not open closes. */
function checkUseful(row: Row, other: Row): void {
  if (!row.isOpen || !hasMethod(other, row.method) || !covers(other.pattern, row.pattern)) return
  throw new ConfigurationError(
    `The row "${row.name}" changes nothing: every request that it matches is also for the row "${other.name}", ` +
      `and every matching row must grant. Leave it out, ${other.isOpen ? 'since it is open already' : `or narrow "${other.name}"`}.`,
  )
}
