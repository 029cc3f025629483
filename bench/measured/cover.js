import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

let session

/**
 * Which functions of the scripts in a folder some calls enter, and how often; and in which source files those stand.
 *
 * Once begun it goes on, since beginning is dear, and nothing that is measured after it is worth anything.
 *
 * @returns {Promise<{ calls: number, functions: number, files: number }>} `calls` is for one of them.
 */
export async function coverCalls(run, { count, folder }) {
  session ??= await openSession()
  // What ran since the last time is not asked for.
  await session.post('Profiler.takePreciseCoverage')
  await run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  return summarise(
    result.filter(({ url }) => toUrl(url).startsWith(pathToFileURL(`${folder}/`).href)),
    count,
  )
}

async function openSession() {
  const opened = new Session()
  opened.connect()
  await opened.post('Profiler.enable')
  await opened.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  return opened
}

/** CommonJS modules are known by their paths. */
function toUrl(url) {
  return url.startsWith('/') ? pathToFileURL(url).href : url
}

function summarise(scripts, count) {
  let calls = 0
  const functions = new Set()
  const files = new Set()
  for (const { url, functions: found } of scripts) {
    const sourceOf = locatorOf(fileURLToPath(toUrl(url)))
    for (const { functionName, ranges } of found) {
      const [{ count: entered, startOffset }] = ranges
      if (entered === 0) continue
      calls += entered
      functions.add(`${url}:${startOffset}:${functionName}`)
      files.add(sourceOf(startOffset))
    }
  }
  return { calls: calls / count, functions: functions.size, files: files.size }
}

const locators = new Map()

/** From a place in a script to the file that it was written in. */
function locatorOf(path) {
  const known = locators.get(path)
  if (known !== undefined) return known
  const locator = createLocator(path)
  locators.set(path, locator)
  return locator
}

function createLocator(path) {
  const map = existsSync(`${path}.map`) ? new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8'))) : undefined
  const lines = readFileSync(path, 'utf8').split('\n')
  return (offset) => {
    let line = 0
    let rest = offset
    while (rest > lines[line].length) rest -= lines[line++].length + 1
    const found = map?.findEntry(line, rest).originalSource
    return found === undefined ? path : join(path, '..', found)
  }
}
