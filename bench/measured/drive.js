/**
 * Makes calls, so many of them on their way at once, and nothing else: neither a promise nor an object for each of them.
 *
 * @param {(index: number, done: (outcome?: unknown) => void) => void} call
 * @param {{ count: number, inFlight: number }} order
 * @returns {Promise<void>}
 */
export function drive(call, { count, inFlight }) {
  return new Promise((resolve, reject) => {
    let next = 0
    let pending = 0
    let starting = false
    const done = (error) => {
      pending -= 1
      if (error !== undefined) reject(error)
      else if (!starting) start()
    }
    const start = () => {
      starting = true
      try {
        while (pending < inFlight && next < count) {
          pending += 1
          call(next++, done)
        }
      } catch (error) {
        reject(error)
      }
      starting = false
      if (pending === 0 && next >= count) resolve()
    }
    start()
  })
}
