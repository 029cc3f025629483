import { splitList } from './one-text.js'

/** The environment variables that are read. */
export interface Environment {
  readonly OAUTH_ISSUER?: string | undefined
  readonly OAUTH_AUDIENCE?: string | undefined
}

/** Several values with commas or white space between, as audiences that are URLs or GUIDs hold neither. */
export function readListVariable(value: string | undefined): readonly string[] | undefined {
  const list = splitList(value ?? '')
  return list.length === 0 ? undefined : list
}

/** An empty variable is as good as none. */
export function readVariable(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}
