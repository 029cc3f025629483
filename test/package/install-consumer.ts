import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { run, tarball } from './run.js'

/** Copies a consumer into a folder of its own, far from our node_modules, and installs the tarball there. */
export function installConsumer(name: string, ...options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  cpSync(resolve('test/package/consumers', name), folder, { recursive: true })
  run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', ...options, tarball], folder)
  return folder
}
