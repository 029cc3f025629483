import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorRequestHandler, Express } from 'express'
import { requireAuth } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { callApp } from '../../kit/in-process.js'
import { settle } from '../../kit/settle.js'
import { callbacks, passOn, type ForeignCallback } from './callbacks.js'
import { misbehave, misbehaviours, type Misbehaviour } from './misbehaviours.js'

/** One callback that misbehaves in one way, and what came of it. */
export interface Step {
  readonly callback: string
  readonly misbehaviour: Misbehaviour
  readonly expected: readonly (number | 'hangs')[]
  /** The status of the request that met it, and of a good one afterwards. */
  readonly found: readonly (number | 'hangs')[]
}

/** How often a request is looked at before it counts as hanging. */
const MAX_LOOKS = 5000

/** Walks over all functions that users pass in, and all ways in which they may misbehave. */
export async function walk(createApp: () => Express): Promise<readonly Step[]> {
  const steps: Step[] = []
  const timers = holdTimers()
  try {
    for (const callback of callbacks) {
      for (const misbehaviour of misbehaviours) steps.push(await take(createApp(), callback, misbehaviour, timers))
    }
  } finally {
    timers.release()
  }
  return steps
}

async function take(
  app: Express,
  callback: ForeignCallback,
  misbehaviour: Misbehaviour,
  timers: Timers,
): Promise<Step> {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const answers = callback.answers(issuer)
  const late: (() => void)[] = []
  const calls: unknown[] = []
  /** It misbehaves once. */
  const call = (): never => {
    calls.push(misbehaviour)
    const isFirst = calls.length === 1
    const answer = isFirst ? misbehave(misbehaviour, answers, (happen) => void late.push(happen)) : wellBehaved
    return answer as never // any type will do
  }
  const wellBehaved = hasGood(callback) ? answers.good : passOn
  app.use(requireAuth({ ...issuer.options, ...callback.options?.(call, issuer) }))
  if (callback.guard !== undefined) app.use(callback.guard(call))
  app.get('/', (_req, res) => res.end())
  app.use(endInStatus)

  const credentials: Kind = callback.credentials ?? 'good'
  const first = send(app, await authorizationOf(issuer, credentials))
  await until(() => calls.length > 0)
  if (misbehaviour === 'never settles' || misbehaviour === 'rejects after the deadline') {
    await settle()
    timers.fire()
  }
  const status = await first
  for (const happen of late) happen()
  await settle()
  // What failed is left alone for a while.
  issuer.advance(60)
  const afterwards = await send(app, await authorizationOf(issuer, isOfItsOwn(credentials) ? credentials : 'good'))
  const expected = [callback.statuses[misbehaviour], 200]
  return { callback: callback.name, misbehaviour, expected, found: [status, afterwards] }
}

/** Whatever goes to `next` ends in its status. Express tells an error handler by its four parameters. */
const endInStatus: ErrorRequestHandler = (error: { status?: number }, _req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(error.status ?? 500).end()
}

/** Some answers only the callback itself can give. */
function hasGood({ name }: ForeignCallback): boolean {
  return !['fetch', 'the body of a response', 'clock'].includes(name)
}

type Kind = NonNullable<ForeignCallback['credentials']> | 'good'

/** Without these the callback would not be asked. */
const isOfItsOwn = (kind: Kind): boolean => kind === 'unmarked' || kind === 'opaque'

async function authorizationOf(issuer: TestIssuer, kind: Kind): Promise<string | undefined> {
  if (kind === 'none') return undefined
  if (kind === 'opaque') return `Bearer ${await issuer.opaqueToken({ sub: 'user-1', scope: 'a' })}`
  if (kind === 'bad') return `Bearer ${await issuer.idToken()}`
  const unmarked = { scope: undefined, client_id: undefined, exp: issuer.now() + 3000 }
  return `Bearer ${await (kind === 'good' ? issuer.accessToken({ sub: 'user-1', scope: 'a' }) : issuer.accessToken(unmarked, { typ: 'JWT' }))}`
}

async function send(app: Express, authorization: string | undefined): Promise<number | 'hangs'> {
  const answers: number[] = []
  const headers = authorization === undefined ? {} : { authorization }
  void callApp(app, { url: '/', headers }).then(({ status }) => answers.push(status))
  await until(() => answers.length > 0)
  return answers[0] ?? 'hangs'
}

/** Waits until something is so: by looking, since timers are held. */
async function until(isSo: () => boolean): Promise<void> {
  for (let look = 0; look < MAX_LOOKS && !isSo(); look++) await (look < 100 ? nextTurn() : sleep(1))
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Timers {
  /** Lets the time of every timer come. */
  readonly fire: () => void
  readonly release: () => void
}

/** Holds the timers of this realm, so that deadlines come when they are told to. */
function holdTimers(): Timers {
  const { setTimeout: start, clearTimeout: clear } = globalThis
  const held = new Set<() => void>()
  const hold = (callback: () => void): object => {
    held.add(callback)
    return { callback, unref: () => ({ callback }) }
  }
  Object.assign(globalThis, {
    setTimeout: hold,
    clearTimeout: (timer: { callback: () => void } | undefined) => {
      if (timer !== undefined) held.delete(timer.callback)
    },
  })
  return {
    fire() {
      const all = [...held]
      held.clear()
      for (const callback of all) callback()
    },
    release() {
      Object.assign(globalThis, { setTimeout: start, clearTimeout: clear })
    },
  }
}
