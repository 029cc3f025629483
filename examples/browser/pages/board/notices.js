// @ts-check

/** @typedef {import('./board.js').Answer} Answer */

/**
 * What a page says of a code that came in a URL or from a server. Whoever makes a link can write any text into it: only
 * what stands here is ever shown.
 *
 * @type {Readonly<Record<string, { stamp: string; text: string }>>}
 */
const notices = {
  no_sign_in_under_way: { stamp: 'Not signed in', text: 'This browser did not ask for that. Start again from here.' },
  sign_in_failed: { stamp: 'Not signed in', text: 'Something did not fit. Start again from here.' },
  access_denied: { stamp: 'Not signed in', text: 'The passport office said no.' },
  somebody_else: {
    stamp: 'Somebody else',
    text: 'Somebody else signed in, in another tab of this browser. They share its cookies, so this tab follows. What was under way for the user before was not done.',
  },
  try_again: {
    stamp: 'No answer',
    text: 'Whether you are signed in cannot be told right now: a server does not answer. Nothing was lost. Try again.',
  },
  renewal_desk_not_told: {
    stamp: 'Signed out, almost',
    text: 'This browser has forgotten you. The renewal desk does not answer, and may still hold your renewal: it is told again when this page is next opened.',
  },
  provider_not_told: {
    stamp: 'Signed out here',
    text: 'The passport office does not answer. You are signed out here, and may still be known there.',
  },
  session_store_not_told: {
    stamp: 'Signed out, almost',
    text: 'Your ticket is gone from this browser. The guide could not reach its store: there your session ends by itself, or when the passport office says so.',
  },
  sign_out_failed: {
    stamp: 'Still signed in',
    text: 'The guide does not answer. Your ticket is still good: try again.',
  },
}

/**
 * @param {string | null | undefined} code
 * @returns {Answer | undefined}
 */
export function noticeOf(code) {
  if (code === null || code === undefined || !Object.hasOwn(notices, code)) return undefined
  const notice = notices[code]
  return notice === undefined ? undefined : { outcome: 'refused', code, ...notice }
}

const KEY = 'notice'

/**
 * Keeps a code for when the user is back: sign-out leads to the provider and then here again.
 *
 * @param {string} code
 */
export function leaveNotice(code) {
  sessionStorage.setItem(KEY, code)
}

/** What was left, once. */
export function takeNotice() {
  const code = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  return noticeOf(code)
}
