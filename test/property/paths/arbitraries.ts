import fc from 'fast-check'
import { FILES, type PlainRow } from './files.js'

const text = fc.constantFrom('files', 'public', 'private', 'homes', 'm', 'a.txt', 'secret.txt', 'index.html', 'C#')
const folders = [...new Set(FILES.flatMap((file) => foldersOf(file)))]

function foldersOf(file: string): readonly string[] {
  return file.split('/').map((_, at, all) => all.slice(0, at).join('/'))
}

/** A row for a file or a folder, some of its segments made parameters, or for anything. */
const segments = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        path: fc.constantFrom(...FILES, ...folders),
        isParameter: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      })
      .map(({ path, isParameter }) =>
        path
          .split('/')
          .filter((one) => one !== '')
          .map((one, at) => (isParameter[at] === true && at > 0 ? `:p${String(at)}` : one)),
      ),
  },
  { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
)
const row: fc.Arbitrary<PlainRow> = fc.record({
  segments,
  isTree: fc.boolean(),
  isOpen: fc.constantFrom(true, true, true, false),
})

export const table = fc.array(row, { minLength: 1, maxLength: 5 })

/** What is put in, or in the place of a character. */
const piece = fc.constantFrom(
  ...[
    '..',
    '../',
    '/..',
    '/../',
    '..%2f',
    '%2f..',
    '%2e%2e',
    '.%2e',
    '/%2e%2e/',
    '..;',
    '..;x/',
    '/..;/',
    './',
    '/./',
    '/%2e/',
  ],
  ...[
    '%2f',
    '%2F',
    '/',
    '//',
    '\\',
    '%5c',
    '%5C..%5c',
    '%252f',
    '%252e%252e',
    '%25',
    '%2525',
    '%c0%af',
    '%c0%ae',
    '%e0%80%af',
  ],
  ...[
    '%00',
    '\0',
    '%0a',
    '%09',
    '%20',
    '%20/',
    '.',
    '. ',
    '%7f',
    '\u007f',
    '%c2%a0',
    '%u002e',
    '%',
    '%zz',
    '%ff',
    '\u00e9',
  ],
  ...[
    '?',
    '#',
    '%3f',
    '%3F/',
    '%23',
    '%23/..',
    ';',
    ';x',
    ';x=1/',
    '%3b',
    ':',
    '::$DATA',
    '%3a',
    '+',
    '*',
    '~',
    '|',
    '[',
    '^',
    '"',
  ],
  ...[
    'private',
    'public',
    'files/',
    'secret.txt',
    '/index.html',
    'index.html',
    '%ef%bc%8f',
    '%ef%bc%8e%ef%bc%8e',
    '%e2%80%8c',
    '%e2%80%a5',
    '%ef%bc%9f',
    '%ef%bc%9b',
    '%ef%bc%bc',
  ],
)
const change = fc.record({
  kind: fc.constantFrom(
    'insert',
    'insert',
    'replace',
    'encode',
    'encode twice',
    'case',
    'end',
    'slash',
    'climb',
    'host',
    'query',
  ),
  at: fc.nat(60),
  piece,
})
type Change = typeof change extends fc.Arbitrary<infer Made> ? Made : never

const HOSTS = ['http://api.example.com', 'HTTP://x:80', 'http://x@y', 'http://', '//x', 'https://[::1]', 'http:/', 'x:']

const CLIMBS = ['/../', '/%2e%2e/', '/..%2f', '%2f..%2f', '/..;/', '\\..\\']

const escapeOf = (char: string, sign: string): string =>
  char === '' ? '' : sign + char.charCodeAt(0).toString(16).padStart(2, '0')

const otherCaseOf = (char: string): string => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())

/** In the place of the character at a position. */
const put = (target: string, position: number, text: string): string =>
  target.slice(0, position) + text + target.slice(position + 1)

type Apply = (target: string, position: number, change: Change) => string

const applications: Readonly<Record<Change['kind'], Apply>> = {
  insert: (target, position, { piece }) => target.slice(0, position) + piece + target.slice(position),
  replace: (target, position, { piece }) => put(target, position, piece),
  encode: (target, position) => put(target, position, escapeOf(target[position] ?? '', '%')),
  'encode twice': (target, position) => put(target, position, escapeOf(target[position] ?? '', '%25')),
  case: (target, position) => put(target, position, otherCaseOf(target[position] ?? '')),
  end: (target, _position, { piece }) => target + piece,
  slash(target, _position, { at, piece }) {
    const slashes = [...target.matchAll(/\//g)].map(({ index }) => index)
    const slash = slashes[at % Math.max(1, slashes.length)] ?? 0
    return target.slice(0, slash) + piece + target.slice(slash + (at % 2))
  },
  climb: (target, _position, { at }) => `${target}${CLIMBS[at % CLIMBS.length] ?? ''}${FILES[at % FILES.length] ?? ''}`,
  host: (target, _position, { at }) => (HOSTS[at % HOSTS.length] ?? '') + target,
  query: (target, _position, { piece }) => `${target}?${piece}`,
}

function apply(target: string, change: Change): string {
  return applications[change.kind](target, change.at % (target.length + 1), change)
}

/** A raw target: the path of a file or a folder, as a client would write it, and up to three changes. */
const target = fc
  .record({
    path: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FILES) }, fc.constantFrom(...folders)),
    changes: fc.oneof(fc.array(change, { maxLength: 1 }), fc.array(change, { maxLength: 3 })),
  })
  .map(({ path, changes }) => changes.reduce(apply, `/${path.split('/').map(encodeURIComponent).join('/')}`))
  // What no socket carries as a target.
  .filter((made) => !/[ \r\n]/.test(made))

export const targets = fc.array(target, { minLength: 50, maxLength: 50 })
