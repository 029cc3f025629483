import type { ExecutionContext } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import type { Policy } from '../policy/decision.js'
import { open } from '../policy/open.js'
import { allOf } from '../resource-server/combine.js'
import type { HttpRequest } from '../resource-server/resource-server.js'

const PUBLIC = 'express-resource-server:public'
const OPTIONAL = 'express-resource-server:optional'
const POLICIES = 'express-resource-server:policies'

/** What stands before handlers: what it asks of their requests is the word of whoever put it there. */
export type Requirement = Policy<JsonObject, HttpRequest>

/** What a decorator stands on: a class, or a method with its name and its function. */
export interface Place {
  readonly target: object
  readonly key?: string | symbol | undefined
  readonly handler?: object | undefined
}

/** Asks for nothing but a token that is still good. */
export const NOTHING = open() as Policy<unknown, unknown> as Requirement // whatever it is asked about

export function markPublic({ target, handler = target }: Place): void {
  Reflect.defineMetadata(PUBLIC, true, handler)
}

export function isMarkedPublic({ target, handler = target }: Place): boolean {
  return Reflect.hasOwnMetadata(PUBLIC, handler)
}

/** A method, never a class: what is optional is to be seen where it is. */
export function markOptional(handler: object): void {
  Reflect.defineMetadata(OPTIONAL, true, handler)
}

export function isMarkedOptional({ target, handler = target }: Place): boolean {
  return Reflect.hasOwnMetadata(OPTIONAL, handler)
}

/**
 * Adds to what a place requires. Of a method it is noted by its name as well as on its function: another decorator may put a
 * function of its own in its place, and copy nothing.
 */
export function addRequirements({ target, key, handler = target }: Place, policies: readonly Requirement[]): void {
  Reflect.defineMetadata(POLICIES, [...policiesAt(handler), ...policies], handler)
  if (key !== undefined) Reflect.defineMetadata(POLICIES, [...policiesAt(target, key), ...policies], target, key)
}

export function hasRequirements({ target, key }: Place): boolean {
  return key === undefined ? Reflect.hasOwnMetadata(POLICIES, target) : Reflect.hasOwnMetadata(POLICIES, target, key)
}

/** What stands before a handler. */
export interface Word {
  readonly isPublic: boolean
  /** Lets in without a token, and not with a bad one. */
  readonly isOptional: boolean
  /** What it and its class require, or `undefined` where a good token is enough. */
  readonly requirement: Requirement | undefined
}

/** By the class and the handler: what decorators have said stays, and to find it is to walk the methods of the class. */
const words = new WeakMap<object, WeakMap<object, Word>>()

export function wordOf(context: ExecutionContext): Word {
  const [handler, place] = [context.getHandler(), context.getClass()]
  const ofClass = words.get(place) ?? new WeakMap<object, Word>()
  words.set(place, ofClass)
  const word = ofClass.get(handler) ?? readWord(handler, place)
  ofClass.set(handler, word)
  return word
}

function readWord(handler: Handler, place: Class): Word {
  const open = { isPublic: false, isOptional: false, requirement: undefined }
  if (isMarkedOptional({ target: handler })) return { ...open, isOptional: true }
  if (isPublic(handler, place)) return { ...open, isPublic: true }
  return { ...open, requirement: requirementOf(handler, place) }
}

/** The nearest word counts: a handler's own, then that of its class, then those of the classes which that extends. */
function isPublic(handler: Handler, place: Class): boolean {
  if (Reflect.getMetadata(PUBLIC, handler) === true) return true
  if (policiesOf(handler, place).length > 0) return false
  for (let at: object | null = place; at !== null; at = Reflect.getPrototypeOf(at)) {
    if (hasRequirements({ target: at })) return false
    // What a class opens is what it has: not what another adds that extends it.
    if (isMarkedPublic({ target: at })) return at === place || namesIn(Reflect.get(at, 'prototype'), handler).length > 0
  }
  return false
}

function requirementOf(handler: Handler, place: Class): Requirement | undefined {
  // One policy may stand in several places.
  const policies = new Set([...policiesAt(place), ...policiesOf(handler, place)])
  return policies.size === 0 ? undefined : allOf(...policies)
}

function policiesOf(handler: Handler, place: Class): Requirement[] {
  const prototype = Object(place.prototype) as object
  return [...policiesAt(handler), ...namesOf(handler, prototype).flatMap((name) => policiesAt(prototype, name))]
}

type Handler = ReturnType<ExecutionContext['getHandler']>
type Class = ReturnType<ExecutionContext['getClass']>

/**
 * Under which names a class has a handler. What NestJS calls is the function of the instance: where that is another than the
 * class has, a bound one or one that somebody wrapped, its name is to be that of the method.
 *
 * @throws {ConfigurationError} When it is not, and some method of the class requires something: it might be this one.
 */
function namesOf(handler: Handler, prototype: object): readonly string[] {
  const names = namesIn(prototype, handler)
  if (names.length > 0) return names
  const name = handler.name.replace(/^(?:bound )+/, '')
  if (name in prototype) return [name]
  if (policiesAt(handler).length > 0 || !requiresAnything(prototype)) return []
  throw new ConfigurationError(
    'A method that NestJS calls was replaced in its instance by a function of another name, so that what it @Requires() cannot be told: bind it (this.find = this.find.bind(this)), or leave it as the class has it.',
  )
}

function namesIn(prototype: unknown, handler: Handler): readonly string[] {
  return methodsOf(prototype).flatMap(([name, value]) => (value === handler ? [name] : []))
}

function requiresAnything(prototype: object): boolean {
  return methodsOf(prototype).some(([name]) => policiesAt(prototype, name).length > 0)
}

/** Those of a class, and of those that it extends. */
function methodsOf(prototype: unknown): (readonly [name: string, value: unknown])[] {
  const methods: (readonly [string, unknown])[] = []
  let at = typeof prototype === 'object' ? prototype : null
  while (at !== null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) methods.push([name, value])
    at = Reflect.getPrototypeOf(at)
  }
  return methods
}

function policiesAt(target: object, key?: string | symbol): readonly Requirement[] {
  const found: unknown =
    key === undefined ? Reflect.getMetadata(POLICIES, target) : Reflect.getMetadata(POLICIES, target, key)
  return Array.isArray(found) ? (found as Requirement[]) : [] // nobody else writes under this name
}
