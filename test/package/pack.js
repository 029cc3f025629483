import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** Builds the package and packs it, once for all tests. */
export default function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  execFileSync('npm', ['run', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const report = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  process.env.PACKED_FOLDER = folder
  process.env.PACKED_TARBALL = join(folder, JSON.parse(report)[0].filename)
}
