import { Agent, Server as HttpServer, type ClientRequestArgs } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import net, { type Server } from 'node:net'
import { Duplex } from 'node:stream'

// Servers and clients of this process meet in memory. Node's own HTTP parser and writer stay in between, and what was written
// arrives byte by byte as on a socket, but no system call is made: thousands of requests a second, and nothing to leak.

const servers = new Map<number, Server>()
let lastPort = 49_152

/** One end of a connection, with what HTTP uses of a socket. */
class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  readonly remoteFamily = 'IPv4'
  readonly remotePort = 1
  peer: MemorySocket | undefined
  #timer: NodeJS.Timeout | undefined
  #resume: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: false })
  }

  override _read(): void {
    const resume = this.#resume
    this.#resume = undefined
    resume?.()
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    const peer = this.peer
    if (peer === undefined || peer.destroyed || peer.readableEnded) callback()
    else if (peer.push(chunk)) process.nextTick(callback)
    else peer.#resume = callback
  }

  override _final(callback: () => void): void {
    if (this.peer?.destroyed === false) this.peer.push(null)
    callback()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    if (this.peer?.destroyed === false) this.peer.push(null)
    callback(error)
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    clearTimeout(this.#timer)
    if (listener !== undefined) this.once('timeout', listener)
    if (milliseconds > 0) this.#timer = setTimeout(() => this.emit('timeout'), milliseconds).unref()
    return this
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}

function connectTo(server: Server): MemorySocket {
  const near = new MemorySocket()
  const far = new MemorySocket()
  near.peer = far
  far.peer = near
  server.emit('connection', far)
  process.nextTick(() => near.emit('connect'))
  return near
}

/** Replaces `listen` of HTTP servers and `connect` of everybody, for ports that such a server has. */
export function installLoopback(): void {
  const listen = function (this: Server, ...parameters: unknown[]): Server {
    const port = ++lastPort
    servers.set(port, this)
    this.address = () => ({ address: '127.0.0.1', family: 'IPv4', port })
    Object.defineProperty(this, 'listening', { value: true, configurable: true })
    this.close = (callback) => {
      servers.delete(port)
      process.nextTick(() => {
        callback?.()
        this.emit('close')
      })
      return this
    }
    const callback = parameters.at(-1)
    if (typeof callback === 'function') this.once('listening', callback as () => void)
    process.nextTick(() => this.emit('listening'))
    return this
  }
  Object.assign(HttpServer.prototype, { listen })
  const { connect } = net
  const connectInMemory = (...parameters: unknown[]): unknown => {
    const [first] = parameters
    const port = typeof first === 'object' && first !== null && 'port' in first ? first.port : first
    const server = servers.get(Number(port))
    return server === undefined ? (connect as (...all: unknown[]) => unknown)(...parameters) : connectTo(server)
  }
  Object.assign(net, { connect: connectInMemory, createConnection: connectInMemory })
  Object.assign(Agent.prototype, {
    createConnection: (options: ClientRequestArgs, callback: unknown) => connectInMemory(options, callback),
  })
  syncBuiltinESMExports()
}
