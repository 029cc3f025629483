// A contender in front of one Express route, in a process of its own. Plain JavaScript, as all that is measured: no loader.
import express from 'express'
import { answer, cpuMicroseconds } from './answer.js'

answer({
  /** Starts listening, and tells the port. */
  async start({ module, setup }) {
    const { createMiddleware } = await import(new URL(`../contenders/${module}.js`, import.meta.url))
    const app = createApp(await createMiddleware(setup))
    return new Promise((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
    })
  },
  cpu: cpuMicroseconds,
})

function createApp(middleware) {
  const app = express()
  if (middleware !== undefined) app.use(middleware)
  app.get('/', (req, res) => {
    res.json({ hello: 'world' })
  })
  // The same for all who leave their errors to the app. Express' own would write every refusal to the standard error stream.
  // eslint-disable-next-line no-unused-vars -- Express counts the parameters.
  app.use((error, req, res, next) => {
    res.status(error.status ?? 500).json({ error: error.code ?? error.name })
  })
  return app
}
