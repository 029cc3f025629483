import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import pack from './pack.js'

/** Packs the package, and installs it into a folder of its own beside the tarball. */
export default function install() {
  pack()
  const folder = join(process.env.PACKED_FOLDER, 'installed')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{}')
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--omit=peer']
  execFileSync('npm', ['install', ...options, process.env.PACKED_TARBALL], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  process.env.INSTALLED_FOLDER = folder
}
