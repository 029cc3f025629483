import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
}

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Installs the packages of a folder that has a package.json of its own, unless they are there as its lock has them: a first
 * look needs none of them. Ends the process, and says what to do, where the registry is out of reach.
 */
export function installPackages(folder: string): void {
  const missing = countMissing(join(root, folder))
  if (missing === 0) return
  console.error(`Installing ${String(missing)} packages into ${folder}/node_modules, once.`)
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: join(root, folder),
      shell: process.platform === 'win32', // npm is a script there
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  } catch {
    console.error(`Nothing was run: this needs ${folder}/node_modules, and installing it failed, as npm says above.`)
    console.error('With the npm registry in reach, run the command again.')
    process.exit(1)
  }
}

/** How many packages are not there in the version of the lock. npm keeps a lock of what it installed. */
function countMissing(folder: string): number {
  const installed = readLock(join(folder, 'node_modules/.package-lock.json')).packages
  return Object.entries(readLock(join(folder, 'package-lock.json')).packages).filter(
    // Optional ones are for this platform or for another.
    ([path, { version, optional }]) => path !== '' && optional !== true && installed[path]?.version !== version,
  ).length
}

function readLock(file: string): Lock {
  // A lock is what npm says it is.
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Lock) : { packages: {} }
}
