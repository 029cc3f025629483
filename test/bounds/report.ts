/**
 * Measures what it costs to refuse anonymous junk beside a usual refused token, and prints a table.
 *
 *     npm run test:bounds
 */
import express from 'express'
import { requireAuth } from '../../src/index.js'
import { callApp } from '../kit/in-process.js'
import { createAuthenticator } from '../../src/authenticator.js'
import { junk, usual } from './junk.js'

const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
const server = createAuthenticator(options)
const app = express().use(requireAuth(options))

function refuse(authorization: string): void {
  try {
    void server.authenticate({ headers: { authorization } })
  } catch {
    return
  }
  throw new Error('It was neither refused nor refused at once.')
}

const ask = async (authorization: string): Promise<void> => {
  await callApp(app, { url: '/', headers: { authorization } })
}

/** The CPU of one refusal in microseconds: the least of several rounds, since a busy machine only adds to it. */
async function measure(work: (authorization: string) => void | Promise<void>, authorization: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 12; round++) {
    const from = process.cpuUsage()
    for (let i = 0; i < 30; i++) await work(authorization)
    const { user, system } = process.cpuUsage(from)
    least = Math.min(least, (user + system) / 30)
  }
  return least
}

for (let i = 0; i < 3; i++) for (const one of [usual, ...Object.values(junk)]) await ask(one)
const base = { refused: await measure(refuse, usual), asked: await measure(ask, usual) }
console.log(`a usual refused token: ${base.refused.toFixed(1)} us, as a request to Express ${base.asked.toFixed(1)} us`)
const rows = []
for (const [what, authorization] of Object.entries(junk)) {
  rows.push({ what, refused: await measure(refuse, authorization), asked: await measure(ask, authorization) })
}
for (const { what, refused, asked } of rows.toSorted((a, b) => b.asked - a.asked)) {
  const columns = [
    refused.toFixed(0),
    (refused / base.refused).toFixed(1),
    asked.toFixed(0),
    (asked / base.asked).toFixed(1),
  ]
  console.log(`${columns.map((column) => column.padStart(7)).join(' ')}  ${what}`)
}
