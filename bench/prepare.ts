import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

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
