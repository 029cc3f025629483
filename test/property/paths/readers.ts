import { readFileSync } from 'node:fs'
import { join, normalize, posix } from 'node:path'
import type express from 'express'
import type { RequestHandler } from 'express'
import { FILES } from './files.js'

type Read = (url: string) => string

const pathOf = (url: string): string => url.replace(/[?#].*$/s, '')

/** What people write, and what servers do, to get from the target of a request to a name on the disk. */
const reads: Readonly<Record<string, Read>> = {
  'a handler that decodes and normalises': (url) => normalize(decodeURIComponent(pathOf(url))),
  'a handler that normalises and decodes': (url) => decodeURIComponent(posix.normalize(pathOf(url))),
  'a handler that decodes twice': (url) => decodeURIComponent(decodeURIComponent(pathOf(url))),
  'a handler that decodes before it parses': (url) => pathOf(decodeURIComponent(url)),
  'new URL()': (url) => decodeURIComponent(new URL(url, 'http://api.example.com').pathname),
  'a disk without case': (url) => {
    const path = normalize(decodeURIComponent(pathOf(url))).toLowerCase()
    return FILES.find((file) => `/${file}`.toLowerCase() === path) ?? path
  },
  Windows: (url) =>
    normalize(decodeURIComponent(pathOf(url)).replaceAll('\\', '/'))
      .split('/')
      .map((name) => name.replace(/:.*$/s, '').replace(/[. ]+$/, ''))
      .join('/'),
  'a server that knows parameters of segments': (url) =>
    normalize(
      decodeURIComponent(
        pathOf(url)
          .split('/')
          .map((segment) => segment.replace(/;.*$/s, ''))
          .join('/'),
      ),
    ),
  'a handler that composes characters': (url) =>
    normalize(
      decodeURIComponent(pathOf(url))
        .normalize('NFKC')
        .replaceAll(/[\u200b-\u200d]/g, ''),
    ),
  'a server that merges slashes': (url) => posix.normalize(decodeURIComponent(pathOf(url)).replaceAll(/\/+/g, '/')),
}

/** Every reader in this process, by name. */
export function makeReaders(factory: typeof express, root: string): ReadonlyMap<string, RequestHandler> {
  const readers = Object.entries(reads).map(([name, read]): [string, RequestHandler] => [name, readerOf(root, read)])
  return new Map<string, RequestHandler>([['express.static', factory.static(root)], ...readers])
}

/** Serves the file, or the index of the folder, that a name stands for. */
function readerOf(root: string, read: Read): RequestHandler {
  return (req, res) => {
    for (const end of ['', 'index.html']) {
      try {
        res.end(readFileSync(join(root, read(req.url), end)))
        return
      } catch {
        // There is no such file, or no such name.
      }
      if (!pathOf(req.url).endsWith('/')) break
    }
    res.sendStatus(404)
  }
}
