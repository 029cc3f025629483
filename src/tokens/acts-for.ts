import type { JsonObject } from '../lib/strict-json.js'
import { findMark } from './marks.js'
import type { Profile } from './profiles/profile.js'
import type { ActsFor } from './token-facts.js'

/** Finds whom a token acts for. Marks of both kinds contradict each other, and then neither counts. */
export function findActsFor(claims: JsonObject, clientId: string, { appMarks, userMarks }: Profile): ActsFor {
  const isApp = findMark(appMarks, claims, clientId) !== undefined
  const isUser = findMark(userMarks, claims, clientId) !== undefined
  if (isApp === isUser) return undefined
  return isApp ? 'app' : 'user'
}
