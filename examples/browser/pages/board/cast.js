// @ts-check

/**
 * @typedef {'passport' | 'visa' | 'renewal' | 'ticket'} Kind
 *
 * @typedef {object} Document Something that one holds.
 * @property {Kind} kind
 * @property {number} [expiresAt] In milliseconds since the epoch.
 * @property {string} [note]
 */

/** @type {Readonly<Record<Kind, { name: string; term: string; purpose: string }>>} */
export const documents = {
  passport: { name: 'Passport', term: 'ID token', purpose: 'tells the app who signed in' },
  visa: { name: 'Visa', term: 'access token', purpose: 'tells one API what the app may do there' },
  renewal: { name: 'Renewal', term: 'refresh token', purpose: 'gets the next visa, for one use' },
  ticket: { name: 'Ticket', term: 'session cookie', purpose: 'names a session, says nothing by itself' },
}

/**
 * @typedef {import('./origins.js').Role} Role
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string} term
 * @property {string} does
 */

/** @type {Readonly<Record<Role, Part>>} */
export const parts = {
  app: { name: 'The traveller', term: 'single-page app', does: 'Wants something beyond the border.' },
  auth: { name: 'Renewal desk', term: 'token handler', does: 'Keeps the renewal where no script can read it.' },
  bff: { name: 'The guide', term: 'backend for the frontend', does: 'Carries every document, and travels for you.' },
  idp: { name: 'Passport office', term: 'OpenID provider', does: 'Knows who you are. Issues every document.' },
  api: { name: 'Border control', term: 'the API', does: 'Looks at the visa and at nothing else.' },
  careless: { name: 'The careless one', term: 'single-page app', does: 'Leaves everything lying about.' },
  evil: { name: 'The thief', term: 'another site', does: 'Tries what browsers allow, and more.' },
}
