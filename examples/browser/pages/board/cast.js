// @ts-check

/**
 * @typedef {'passport' | 'visa' | 'renewal' | 'ticket'} Kind
 *
 * @typedef {object} Document Something that one holds.
 * @property {Kind} kind
 * @property {number} [expiresAt] In milliseconds since the epoch.
 * @property {string} [note]
 *
 * @typedef {object} DocumentKind
 * @property {string} term What it is in the words of the specifications.
 * @property {string} name What it is in the story.
 * @property {string} purpose
 * @property {string} source
 * @property {string} href
 */

/** @type {Readonly<Record<Kind, DocumentKind>>} */
export const documents = {
  passport: {
    term: 'ID token',
    name: 'passport',
    purpose: 'authentication: tells the app who signed in',
    source: 'OpenID Connect Core §2',
    href: 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken',
  },
  visa: {
    term: 'Access token',
    name: 'visa',
    purpose: 'authorization: tells one API what the app may do there',
    source: 'RFC 6749 §1.4',
    href: 'https://www.rfc-editor.org/rfc/rfc6749#section-1.4',
  },
  renewal: {
    term: 'Refresh token',
    name: 'renewal',
    purpose: 'gets the next access token, for one use',
    source: 'RFC 6749 §1.5',
    href: 'https://www.rfc-editor.org/rfc/rfc6749#section-1.5',
  },
  ticket: {
    term: 'Session cookie',
    name: 'ticket',
    purpose: 'names a session, says nothing by itself',
    source: 'RFC 6265 §8.4',
    href: 'https://www.rfc-editor.org/rfc/rfc6265#section-8.4',
  },
}

/**
 * @typedef {import('./origins.js').Role} Role
 *
 * @typedef {object} Part
 * @property {string} term
 * @property {string} name
 * @property {string} does
 */

/** @type {Readonly<Record<Role, Part>>} */
export const parts = {
  app: { term: 'Single-page app', name: 'the traveller', does: 'Wants something beyond the border.' },
  auth: {
    term: 'Token handler',
    name: 'the renewal desk',
    does: 'Keeps the refresh token where no script can read it.',
  },
  bff: { term: 'BFF', name: 'the guide', does: 'Backend for the frontend: carries every token, and travels for you.' },
  idp: { term: 'OpenID provider', name: 'the passport office', does: 'Knows who you are. Issues every token.' },
  api: { term: 'API', name: 'border control', does: 'Looks at the access token and at nothing else.' },
  plain: { term: 'Server', name: 'the village shop', does: 'Knows its customers. Nobody crosses a border.' },
  careless: { term: 'Single-page app', name: 'the careless one', does: 'Leaves everything lying about.' },
  evil: { term: 'Another site', name: 'the thief', does: 'Tries what browsers allow, and more.' },
}
