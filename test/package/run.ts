import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The tarball that the set-up packed. */
export const tarball = process.env['PACKED_TARBALL'] ?? ''

/** Where a package is in a consumer's folder. */
export const installed = (consumer: string): string => join(consumer, 'node_modules/express-resource-server')

const [currentVersion = ''] = process.versions.node.split('.')

/** The major versions of Node to run consumers on. */
export const versions = process.env['NODE_VERSIONS']?.trim().split(/\s+/) ?? [currentVersion]

/** Runs Node of a major version: the package `node` carries the binary. */
export function runNode(version: string, args: readonly string[], cwd: string): string {
  return version === currentVersion
    ? run(process.execPath, args, cwd)
    : run('npx', ['--yes', `node@${version}`, ...args], cwd)
}

/** Runs a command to its end and returns what it printed. Fails with all of that when the command fails. */
export function run(command: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 240_000 })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${String(status)}\n${stdout}\n${stderr}`)
  return stdout
}
