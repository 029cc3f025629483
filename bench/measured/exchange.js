// Requests and responses as Express hands them to a middleware, made before anything is measured: no socket, no parser.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express from 'express'

const app = express()
// Whatever asks where a request comes from asks a socket. All share one: it is nobody's cost.
const socket = new Socket()

/** Says when it was answered: without a socket a response has no end of its own. */
const responsePrototype = Object.create(app.response, {
  end: {
    value(chunk, encoding, callback) {
      app.response.end.call(this, chunk, encoding, callback)
      this.exchange.settle(this.statusCode)
      return this
    },
  },
})

/**
 * One request on its way through a chain of middleware.
 *
 * Everything that the way itself needs is made here, so that what is allocated later is theirs.
 */
export class Exchange {
  #chain
  #place = 0
  #settled
  next = (error) => {
    if (error) this.settle(error.status ?? error)
    else this.#step()
  }

  constructor(rawHeaders, chain) {
    this.#chain = chain
    this.req = new IncomingMessage(socket)
    Object.setPrototypeOf(this.req, app.request)
    // What Node's own parser does.
    this.req._addHeaderLines(rawHeaders, rawHeaders.length)
    Object.assign(this.req, { method: 'GET', url: '/orders', originalUrl: '/orders', baseUrl: '', httpVersion: '1.1' })
    Object.assign(this.req, { httpVersionMajor: 1, httpVersionMinor: 1, app })
    this.res = new ServerResponse(this.req)
    Object.setPrototypeOf(this.res, responsePrototype)
    Object.assign(this.res, { app, req: this.req, exchange: this })
    this.req.res = this.res
    // Node reads them when they are first asked for, whoever asks.
    void this.req.headers
  }

  /** Sends it; tells the status, 200 if it came through. */
  run(settled) {
    this.#settled = settled
    this.#step()
  }

  settle(status) {
    this.#settled(status)
  }

  #step() {
    const handler = this.#chain[this.#place++]
    if (handler === undefined) this.settle(200)
    else handler(this.req, this.res, this.next)
  }
}
