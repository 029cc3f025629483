import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { ConfigurationError } from '../../errors.js'
import { inspectRoutes, type RouteReport } from '../../routes/inspect-routes.js'
import { listHandlers } from '../../routes/list-handlers.js'
import { recordMounts } from '../../routes/mount-records.js'
import { isApp } from '../../routes/router-internals.js'
import { listExports, loadModule } from '../load-module.js'
import type { Finding } from './finding.js'

/**
 * Lists the routes of the Express app that a module exports, and names those that nothing protects. It runs the module.
 *
 * @param except - What may be open, by method and path: `GET /health`.
 * @throws {ConfigurationError} When it exports no app.
 */
export async function examineApp(path: string, except: readonly string[] = []): Promise<readonly Finding[]> {
  recordFrom(path)
  const exported = await loadModule(path)
  const app = Object.values(exported).find(isApp)
  if (app === undefined) {
    throw new ConfigurationError(
      `The module ${JSON.stringify(path)} exports no Express app: export it, as the default or by any name. It exports ${listExports(exported)}.`,
    )
  }
  const routes = inspectRoutes(app)
  if (routes.length === 0) return [{ about: 'routes', mood: 'unsure', says: 'the app has none' }]
  const open = routes.filter(({ isProtected, method, path: at }) => !isProtected && !except.includes(`${method} ${at}`))
  const anew = listHandlers(app).filter(isMadeAnew)
  const copy: readonly Finding[] = usesAnotherCopy(path) ? [ANOTHER_COPY] : []
  const count = `${String(routes.length)} routes, ${String(open.length)} of them open`
  return [
    { about: 'routes', mood: open.length === 0 ? 'good' : undefined, says: count },
    ...copy,
    ...anew.map(describeAnew),
    ...open.map(describeOpen),
  ]
}

const ANOTHER_COPY: Finding = {
  about: 'copy',
  mood: 'unsure',
  says: 'the app uses another copy of this library than this command, whose guards are not known here',
  remedy: 'Run the command in the folder where the app has it: npx express-resource-server doctor ...',
}

/** A class that both have is one object where they are one copy. */
function usesAnotherCopy(path: string): boolean {
  try {
    const library: unknown = createRequire(resolve(path))('express-resource-server')
    return (
      typeof library === 'object' &&
      library !== null &&
      Reflect.get(library, 'ConfigurationError') !== ConfigurationError
    )
  } catch {
    return false
  }
}

/** By its source: what it makes for each request has no keys at hand, and no cache. */
function isMadeAnew(handle: object): boolean {
  return (
    typeof handle === 'function' && /\b(?:requireAuth|optionalAuth|createResourceServer)\b\)?\(/.test(String(handle))
  )
}

function describeAnew(handle: object): Finding {
  const name: unknown = Reflect.get(handle, 'name')
  const who = typeof name === 'string' && name !== '' ? `"${name.slice(0, 40)}"` : 'a handler without a name'
  const remedy =
    'Make it once, above: const auth = requireAuth(...), and mount that. Each one has keys to fetch and a cache to fill.'
  return { about: 'anew', mood: 'bad', says: `${who} makes an auth middleware for each request`, remedy }
}

function describeOpen({ method, path, guards }: RouteReport): Finding {
  const seen = guards.length === 0 ? 'nothing of this library is certain to run before it' : guards.join(', ')
  const remedy = 'Put requireAuth() above it; what is meant to be public is named: --except "GET /health".'
  return { about: 'open', mood: 'bad', says: `${method} ${path}: ${seen}`, remedy }
}

/**
 * Has the Express that the module will load remember what is registered from now on: it forgets the paths of what is mounted.
 * Where it has another one, what it keeps itself has to do.
 */
function recordFrom(path: string): void {
  try {
    const express: unknown = createRequire(resolve(path))('express')
    const application: unknown = typeof express === 'function' ? Reflect.get(express, 'application') : undefined
    if (typeof application === 'object' && application !== null) recordMounts(application)
  } catch {
    // It is bundled, or built in a way of its own.
  }
}
