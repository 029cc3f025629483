import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tokens in files that only this user can read, so that commands can be pasted and no token fills the screen. */
export interface TokenFiles {
  readonly folder: string
  /** Writes a token and answers the option of curl that sends it. */
  readonly write: (name: string, token: string | undefined) => string
  readonly remove: () => void
}

export function createTokenFiles(): TokenFiles {
  const folder = mkdtempSync(join(tmpdir(), 'visa-'))
  return {
    folder,
    write(name, token) {
      if (token === undefined) return ''
      writeFileSync(join(folder, name), `Authorization: Bearer ${token}`, { mode: 0o600 })
      return ` -H @${join(folder, name)}`
    },
    remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
