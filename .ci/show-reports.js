// Says in a few lines where processes were when they were told to end, from the reports that node wrote of them.
import console from 'node:console'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const [folder = '.'] = process.argv.slice(2)

for (const name of readdirSync(folder)) {
  const { header, javascriptStack, nativeStack, libuv } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const native = nativeStack.slice(0, 12).map(({ symbol }) => symbol.slice(0, 60))
  const active = libuv.filter(({ is_active: isActive, is_referenced: isReferenced }) => isActive && isReferenced)
  console.log(`
process ${header.processId}: ${header.commandLine.join(' ')}
  in JavaScript: ${javascriptStack?.stack?.slice(0, 12).join(' < ') ?? 'nowhere'}
  in the platform: ${native.join(' < ')}
  waiting for: ${active.map(({ type }) => type).join(' ')}`)
}
