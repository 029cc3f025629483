// Sends the requests, in a process of its own.
//
// It is our own because the generator must not be the limit, nor take the time that a contender's thread pool needs, and there
// are two cores only where this is run most often: it takes about 20 microseconds of CPU for a request, autocannon 49, undici 77.
// wrk takes fewer still, but it is not on npm, and one token for each request needs a script there.
import { answer, cpuMicroseconds } from '../measured/answer.js'
import { openConnection, type Connection } from './connection.js'
import { readRequests, type Requests } from './requests.js'
import type { Figures, LoadRequest, Traffic } from './traffic.js'
import { drawZipf } from './zipf.js'

const MAX_LATENCIES = 2 ** 20
const ZIPF_DRAWS = 2 ** 16

const pools = new Map<string, Requests>()
let running: Running | undefined

interface Running {
  /** How many requests were answered since the last mark, or whatever keeps them from it. */
  answered(): number
  mark(): void
  read(): Figures
  stop(): void
}

answer({
  load({ name, files, count, spoiling }: LoadRequest): void {
    pools.set(name, readRequests(files, { count, spoiling }))
  },
  start(traffic: Traffic): void {
    running = start(traffic)
  },
  mark(): void {
    running?.mark()
  },
  answered: () => running?.answered(),
  read: () => running?.read(),
  stop(): void {
    running?.stop()
    running = undefined
  },
})

function start({ port, pool, order, connections, from = 0, perSecond }: Traffic): Running {
  const requests = createSequence(pools.get(pool) ?? [], order)
  let sent = from
  const latencies = new Float64Array(MAX_LATENCIES)
  const statuses = new Map<number, number>()
  const open: Connection[] = []
  const idle: number[] = []
  const sentAt = new Float64Array(connections)
  let answered = 0
  let markedAt = performance.now()
  let cpuAt = cpuMicroseconds()
  let failure: string | undefined
  let exhausted = false
  let ticking: NodeJS.Timeout | undefined

  const fire = (index: number): void => {
    const request = requests(sent)
    if (request === undefined) {
      exhausted = true
      return
    }
    sent += 1
    sentAt[index] = performance.now()
    open[index]?.send(request)
  }
  const connectionAt = (index: number): Connection =>
    openConnection(port, {
      onResponse(status) {
        latencies[answered % MAX_LATENCIES] = performance.now() - (sentAt[index] ?? 0)
        answered += 1
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (perSecond === undefined) fire(index)
        else idle.push(index)
      },
      onFailure(error) {
        failure ??= error.message
      },
    })
  for (let index = 0; index < connections; index += 1) {
    open.push(connectionAt(index))
    if (perSecond === undefined) fire(index)
    else idle.push(index)
  }
  if (perSecond !== undefined) ticking = fireAtRate(perSecond, { idle, fire })

  return {
    answered: () => (failure === undefined && !exhausted ? answered : Infinity),
    mark() {
      answered = 0
      statuses.clear()
      markedAt = performance.now()
      cpuAt = cpuMicroseconds()
    },
    read() {
      const seconds = (performance.now() - markedAt) / 1000
      const cpuShare = (cpuMicroseconds() - cpuAt) / 1e6 / seconds
      const sorted = latencies.slice(0, Math.min(answered, MAX_LATENCIES)).sort()
      const latency = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
      return {
        requests: answered,
        sent,
        seconds,
        statuses: Object.fromEntries(statuses),
        p50: latency(0.5),
        p99: latency(0.99),
        cpuShare,
        failure,
        exhausted,
      }
    },
    stop() {
      clearInterval(ticking)
      for (const connection of open) connection.close()
    },
  }
}

/** Sends what is due, whether or not earlier requests were answered, as long as there is a connection. */
function fireAtRate(
  perSecond: number,
  { idle, fire }: { idle: number[]; fire: (index: number) => void },
): NodeJS.Timeout {
  const startedAt = performance.now()
  let sent = 0
  return setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * perSecond
    // What could not be sent in time is left out, not made up for.
    sent = Math.max(sent, due - 5)
    while (sent < due && idle.length > 0) {
      sent += 1
      fire(idle.shift() ?? 0)
    }
  }, 1)
}

/** The order in which a pool is sent: what comes at which place. */
function createSequence(requests: Requests, order: Traffic['order']): (place: number) => Uint8Array | undefined {
  switch (order) {
    case 'once':
      return (place) => requests[place]
    case 'cycle':
      return (place) => requests[place % requests.length]
    case 'zipf': {
      const draws = drawZipf(requests.length, ZIPF_DRAWS)
      return (place) => requests[draws[place % ZIPF_DRAWS] ?? 0]
    }
  }
}
