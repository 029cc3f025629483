import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ours, type Contender } from './contenders.js'

/** Another commit of ours, built. */
export interface Revision {
  readonly contender: Contender
  remove(): void
}

/**
 * Builds a commit in a folder of its own, so that it can be measured beside the working tree.
 *
 * The folder is filled by `git archive`: unlike a worktree it leaves nothing behind in the repository, however the run ends.
 */
export function buildRevision(root: string, revision: string): Revision {
  const git = (...args: readonly string[]): Buffer => execFileSync('git', args, { cwd: root, maxBuffer: 2 ** 28 })
  const commit = git('rev-parse', '--short=10', `${revision}^{commit}`).toString().trim()
  console.error(`Building ${commit}.`)
  const folder = mkdtempSync(join(tmpdir(), 'express-resource-server-'))
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
  }
  // However the run ends.
  process.once('exit', remove)
  const run = (command: string, ...args: readonly string[]): void => {
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit) })
  // The same packages as here, or those that it names.
  if (lockOf(folder) === lockOf(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  else run('npm', 'ci', '--no-audit', '--no-fund')
  run('npm', 'run', '--silent', 'build', '--', '--no-dts')
  return {
    contender: { ...ours, id: `ours-${commit}`, label: `express-resource-server at ${commit}`, library: folder },
    remove,
  }
}

function lockOf(folder: string): string {
  return readFileSync(join(folder, 'package-lock.json'), 'utf8')
}
