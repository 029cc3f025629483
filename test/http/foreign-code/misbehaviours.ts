/** How a function of a user may misbehave, or be merely unusual. */
export type Misbehaviour = (typeof misbehaviours)[number]

export const misbehaviours = [
  'never settles',
  'rejects',
  'rejects after the deadline',
  'throws',
  'throws undefined',
  'answers by a foreign thenable',
  'answers by a thenable that calls back twice',
  'answers by a thenable that throws',
  'answers what changes',
] as const

/** What a function answers when it behaves: what grants, what does not, and an answer that is no first and then a yes. */
export interface Answers {
  readonly good: unknown
  readonly bad: unknown
  readonly changing: () => unknown
}

type Callback = (value: unknown) => void

/** Things that happen once the deadline has passed. */
export type Late = (happen: () => void) => void

/** Answers in the way of a misbehaviour. The first answer counts: of a thenable that calls back twice that is the bad one. */
export function misbehave(how: Misbehaviour, { good, bad, changing }: Answers, late: Late): unknown {
  switch (how) {
    case 'never settles':
      return new Promise(() => undefined)
    case 'rejects':
      return new Promise((_, reject) => {
        setImmediate(() => {
          reject(new Error('rejected'))
        })
      })
    case 'rejects after the deadline':
      return new Promise((_, reject) => {
        late(() => {
          reject(new Error('rejected late'))
        })
      })
    case 'throws':
      throw new Error('thrown')
    case 'throws undefined':
      return throwAnything(undefined)
    case 'answers by a foreign thenable':
      return {
        then(resolve: Callback) {
          resolve(good)
        },
      }
    case 'answers by a thenable that calls back twice':
      return {
        then(resolve: Callback, reject: Callback) {
          resolve(bad)
          resolve(good)
          reject(new Error('a third time'))
          throw new Error('and at last')
        },
      }
    case 'answers by a thenable that throws':
      return {
        then() {
          throw new Error('thrown by then')
        },
      }
    case 'answers what changes':
      return changing()
  }
}

function throwAnything(thing: unknown): never {
  throw thing
}

/** An object one of whose members is something else at the second look. */
export function changing(name: string, first: unknown, then: unknown, rest: object = {}): object {
  let looks = 0
  return Object.defineProperty({ ...rest }, name, {
    enumerable: true,
    get: () => (looks++ === 0 ? first : then),
  })
}
