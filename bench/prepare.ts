import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Installs what we are measured beside, unless it is there in just these versions. */
export function ensurePeers(root: string): void {
  const folder = join(root, 'bench')
  const { devDependencies } = readManifest(folder)
  const missing = Object.entries(devDependencies ?? {}).filter(
    ([name, version]) => readManifest(join(folder, 'node_modules', name)).version !== version,
  )
  if (missing.length === 0) return
  console.error(`Installing ${missing.map(([name]) => name).join(', ')} into bench/node_modules.`)
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Builds the library unless it was built after its last change: what is measured is what is published. */
export function ensureBuilt(root: string): void {
  const built = join(root, 'dist/index.mjs')
  if (existsSync(built) && statSync(built).mtimeMs > lastChange(root)) return
  console.error('Building the library.')
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

function lastChange(root: string): number {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => join('src', name))
  return Math.max(
    ...[...sources, 'package.json', 'tsup.config.ts', 'tools/build.ts'].map(
      (name) => statSync(join(root, name)).mtimeMs,
    ),
  )
}

function readManifest(folder: string): { version?: string; devDependencies?: Readonly<Record<string, string>> } {
  const file = join(folder, 'package.json')
  // A manifest is what npm says it is.
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof readManifest>) : {}
}
