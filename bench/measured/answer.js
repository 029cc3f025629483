import process from 'node:process'

/**
 * Answers the parent, one question after the other (see children.ts), and ends with it.
 *
 * @param {Readonly<Record<string, (payload: any) => unknown>>} handlers - By the name of the question.
 */
export function answer(handlers) {
  process.on('message', ({ name, payload }) => {
    Promise.resolve(handlers[name](payload)).then(
      (value) => process.send({ value }),
      (error) => process.send({ error: error.stack ?? String(error) }),
    )
  })
  // Nothing outlives the run, however it ends. On Ctrl-C the parent ends its children itself.
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => undefined)
  process.send({ value: 'ready' })
}

/** CPU time of all threads of this process since it started, in microseconds. */
export function cpuMicroseconds() {
  const { user, system } = process.cpuUsage()
  return user + system
}
