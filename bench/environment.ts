import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem, type CpuInfo } from 'node:os'
import { join } from 'node:path'
import type { Contender } from './contenders.js'

/** What the figures belong to. */
export interface Environment {
  readonly date: string
  readonly node: string
  readonly openssl: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  /** Our own, as git describes it; with a plus sign where files were changed. */
  readonly commit: string
  /** By package name. */
  readonly packages: Readonly<Record<string, string>>
}

export function describeEnvironment(root: string, contenders: readonly Contender[]): Environment {
  const [cpu] = cpus() as readonly (CpuInfo | undefined)[]
  const peers = [...new Set(contenders.flatMap(({ packages }) => packages))].sort()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    openssl: process.versions.openssl,
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    commit: commitOf(root),
    packages: {
      'express-resource-server': versionIn(root),
      ...Object.fromEntries(peers.map((name) => [name, versionIn(join(root, 'bench/node_modules', name))])),
    },
  }
}

function commitOf(root: string): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short=10', 'HEAD')}${git('status', '--porcelain', 'src') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

function versionIn(folder: string): string {
  // The registry does not let a package without a version in.
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}
