import { isObject } from './is-object.js'
import { wrongNames, type Grant, type WrongName } from './mint.js'
import type { People } from './people.js'

interface World {
  readonly people: People
  readonly audience: string
  readonly seconds: number | undefined
}

interface Order {
  readonly grant: Grant
  readonly wrong: WrongName | undefined
}

/** Reads what `dev token` asks for, or says what is wrong with it. */
export function readOrder(body: string, world: World): Order | string {
  const order = parse(body)
  if (!isObject(order)) return 'The order is no JSON object.'
  const wrong = wrongNames.find((name) => name === order['wrong'])
  if (order['wrong'] !== undefined && wrong === undefined) return `--wrong is one of ${wrongNames.join(', ')}.`
  const grant = readGrant(order, world)
  return typeof grant === 'string' ? grant : { wrong, grant }
}

function readGrant(order: Readonly<Record<string, unknown>>, world: World): Grant | string {
  const { person: sub, audience = world.audience, scope, client: clientId = 'client-1' } = order
  const person = typeof sub === 'string' ? world.people.find(sub) : undefined
  if (sub !== undefined && person === undefined) {
    const known = world.people.all().map((one) => one.sub)
    return `There is no such person. There are: ${known.join(', ')}.`
  }
  if (typeof audience !== 'string' || typeof clientId !== 'string') return 'Audience and client are texts.'
  const { seconds = world.seconds } = order
  if (seconds !== undefined && !isPositive(seconds)) return '--seconds is a number over 0.'
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : undefined
  return { person, clientId, audience, scopes, seconds }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
