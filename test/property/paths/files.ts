import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The files that are served: each holds its own name. No two differ in case alone, for disks that know no case. */
export const FILES = [
  'index.html',
  'top.txt',
  'files/a.txt',
  'files/secret.txt',
  'files/index.html',
  'files/public/a.txt',
  'files/public/b c.txt',
  'files/public/C#',
  'files/public/index.html',
  'files/private/secret.txt',
  'files/private/index.html',
  'files/private/deep/secret.txt',
  'homes/m/diary.txt',
  'homes/a/diary.txt',
] as const

const PREFIX = 'bytes of '

export function writeFiles(root: string): void {
  for (const file of FILES) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), PREFIX + file)
  }
}

/** The file whose bytes a body is. */
export function fileOf(body: string): string | undefined {
  return body.startsWith(PREFIX) ? body.slice(PREFIX.length) : undefined
}

/** A row of a generated table, in plain texts: what is encoded in it is encoded when the table is made. */
export interface PlainRow {
  /** A text beginning with a colon is a parameter. */
  readonly segments: readonly string[]
  readonly isTree: boolean
  readonly isOpen: boolean
}

/** Writes a row as a table has it. */
export function nameOf({ segments, isTree }: PlainRow): string {
  const texts = segments.map((text) => (text.startsWith(':') ? text : encodeURIComponent(text)))
  return `GET /${[...texts, ...(isTree ? ['*'] : [])].join('/')}`
}

/** Tells by the name of a file alone whether its own rows let everybody have it. */
export function isPublic(rows: readonly PlainRow[], file: string): boolean {
  const path = file.split('/')
  const own = rows.filter((row) => isFor(row, path))
  if (own.length > 0 && own.every((row) => row.isOpen)) return true

  // An index is its folder's too, where no row of its own refuses it, or a row spells out the folder and none the index.
  const folder = path.slice(0, -1)
  const ofFolder = rows.filter((row) => isFor(row, folder))
  const isSpeltOut = ofFolder.some(({ segments, isTree }) => !isTree && segments.at(-1)?.startsWith(':') !== true)
  const isClosedByName = own.some(({ segments, isOpen }) => !isOpen && segments[path.length - 1] === 'index.html')
  const isClosedAbove = own.some(({ segments, isOpen }) => !isOpen && segments.length < path.length)
  return (
    path.at(-1) === 'index.html' &&
    ofFolder.length > 0 &&
    ofFolder.every((row) => row.isOpen) &&
    (isSpeltOut || own.length === 0) &&
    !isClosedByName &&
    !isClosedAbove
  )
}

function isFor({ segments, isTree }: PlainRow, path: readonly string[]): boolean {
  if (isTree ? path.length < segments.length : path.length !== segments.length) return false
  return segments.every((text, at) => text.startsWith(':') || text === path[at])
}
