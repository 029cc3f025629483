// @ts-check
import { origins } from '/board/origins.js'

/**
 * @typedef {import('/board/board.js').Answer} Answer
 * @typedef {{ clientId: string; redirectUri: string }} Client
 */

const KEY = 'expect-thief'

/** The next code that comes back is tried by a thief first. */
export function expectThief() {
  sessionStorage.setItem(KEY, 'yes')
}

/**
 * Plays a thief who reads the address that the provider sends the browser to, from a history or a log of a proxy, and is
 * faster than the page. The client has no secret, so all that the thief lacks is the verifier. Undefined where none is
 * expected.
 *
 * @param {Client} client
 * @returns {Promise<Answer | undefined>}
 */
export async function tryStolenCode(client) {
  const code = new URLSearchParams(location.search).get('code')
  if (code === null || sessionStorage.getItem(KEY) === null) return undefined
  sessionStorage.removeItem(KEY)
  const guess = 'a-verifier-of-the-thief-and-not-of-the-page'
  const statuses = [await redeem(client, { code }), await redeem(client, { code, code_verifier: guess })]
  const isRefused = statuses.every((status) => status.startsWith('400'))
  return {
    outcome: isRefused ? 'done' : 'refused',
    stamp: isRefused ? 'The thief got nothing' : 'The thief is in',
    text: 'Code and state were stolen on their way back; the verifier never left this tab. At the token endpoint:',
    findings: [
      `The stolen code alone: ${statuses[0] ?? ''}`,
      `With a verifier that the thief made up: ${statuses[1] ?? ''}`,
      'With the verifier of this page: 200. You are signed in.',
    ],
  }
}

/**
 * @param {Client} client
 * @param {Readonly<Record<string, string>>} proof
 */
async function redeem({ clientId, redirectUri }, proof) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...proof,
  })
  const signal = AbortSignal.timeout(15_000)
  const response = await fetch(`${origins.idp}/token`, { method: 'POST', body, signal })
  const { error = '' } = /** @type {{ error?: string }} */ (await response.json())
  return `${String(response.status)} ${error}`.trim()
}
