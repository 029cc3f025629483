import type { Subscriber } from '../../src/redis/index.js'

/** A subscriber that tells what it hears, in order, when it is asked for the next. */
export function ear(): Subscriber & { next: () => Promise<string> } {
  const heard: string[] = []
  const waiting: ((text: string) => void)[] = []
  const hear = (text: string): void => {
    const first = waiting.shift()
    if (first === undefined) heard.push(text)
    else first(text)
  }
  return {
    message: (message) => {
      hear(`message ${message}`)
    },
    lost: () => {
      hear('lost')
    },
    current: () => {
      hear('current')
    },
    next: () => {
      const first = heard.shift()
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first)
    },
  }
}
