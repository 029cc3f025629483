import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { TokenEndpointResponse } from 'oauth4webapi'
import { GrantEnded, type OAuthClient, type Wish } from './oauth-client.js'

const GRACE_MILLISECONDS = 10_000

/** Refreshes, and answers a repeated question with the same answer for a moment. */
export interface RefreshOnce {
  refresh(presented: string, wish: Wish): Promise<TokenEndpointResponse>
  /** Ends the grant here and at the provider. It rejects where the provider could not be told. */
  end(presented: string): Promise<void>
}

/** The refresh tokens of one sign-in that are remembered, oldest first. */
interface Family {
  isOver: boolean
  digests: readonly string[]
}

interface Remembered {
  readonly family: Family
  /** By wish. */
  readonly answers: Map<string, Promise<TokenEndpointResponse>>
  /** The refresh token that took the place of this one. */
  readonly successor: Promise<string>
}

/**
 * A page that is reloaded while it refreshes never sees the new cookie and sends the old one again. To the provider that
 * is a replayed refresh token, and the user would be signed out for pressing a key twice. So what a refresh token was
 * exchanged for is remembered until its successor is presented, for ten seconds at most: the same wish gets the same
 * answer, another wish is asked for with the successor. Sign-out and the end of the grant end that, too.
 *
 * What it costs: a thief who replays the cookie within those seconds gets the same successor as the user, unnoticed.
 * Whoever uses that successor outside the seconds of the other is caught, so a thief has to hit them every single time,
 * and the first miss ends the family. This memory is that of one process; several need the same process for the same
 * cookie, or a store that they share.
 */
export function createRefreshOnce(client: OAuthClient): RefreshOnce {
  const bounds = { max: 10_000, ttl: GRACE_MILLISECONDS }
  const remembered = new LRUCache<string, Remembered>(bounds)
  const families = new LRUCache<string, Family>(bounds)

  function ask(presented: string, wish: Wish): Promise<TokenEndpointResponse> {
    const known = remembered.get(digest(presented))
    if (known === undefined) return exchange(presented, wish)
    const question = JSON.stringify(wish)
    const answer = known.answers.get(question) ?? known.successor.then((next) => ask(next, wish))
    known.answers.set(question, answer)
    answer.catch(() => known.answers.delete(question))
    return answer
  }

  function exchange(presented: string, wish: Wish): Promise<TokenEndpointResponse> {
    const token = digest(presented)
    const family = families.get(token) ?? { isOver: false, digests: [] }
    family.digests = [...family.digests, token]
    const answer = client.refresh(presented, wish).then(
      async (given) => {
        const { refresh_token: next = presented } = given
        if (family.isOver) {
          // Signed out while it was under way: nobody shall have it.
          await client.revoke(next).catch(() => undefined)
          throw new GrantEnded('The grant ended while it was renewed.')
        }
        // The seconds begin when there is an answer to remember. A provider that does not rotate may be asked again.
        if (next === presented) remembered.delete(token)
        else remember(token, entry)
        families.set(digest(next), family)
        return given
      },
      (error: unknown) => {
        remembered.delete(token)
        if (error instanceof GrantEnded) forget(family)
        throw error
      },
    )
    const successor = answer.then(({ refresh_token = presented }) => refresh_token)
    successor.catch(() => undefined)
    const entry = { family, answers: new Map([[JSON.stringify(wish), answer]]), successor }
    remember(token, entry)
    return answer
  }

  function remember(token: string, entry: Remembered): void {
    remembered.set(token, entry)
    families.set(token, entry.family)
  }

  function forget(family: Family): void {
    family.isOver = true
    for (const token of family.digests) remembered.delete(token)
  }

  return {
    async refresh(presented, wish) {
      const token = digest(presented)
      const family = families.get(token)
      if (family?.isOver === true) {
        // Somebody signed out, and the provider may not know yet.
        await client.revoke(presented).catch(() => undefined)
        throw new GrantEnded('The grant has ended.')
      }
      // It has arrived, so those before it are not asked for again by anybody honest.
      const before = family?.digests.indexOf(token) ?? -1
      if (family !== undefined) {
        const known = before === -1 ? family.digests : family.digests.slice(0, before)
        for (const old of known) remembered.delete(old)
        family.digests = before === -1 ? [] : family.digests.slice(before)
      }
      return ask(presented, wish)
    },
    async end(presented) {
      const token = digest(presented)
      const family = families.get(token) ?? { isOver: false, digests: [] }
      forget(family)
      // Known as ended for a while, in case the provider cannot be told.
      families.set(token, family)
      await client.revoke(presented)
    },
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
