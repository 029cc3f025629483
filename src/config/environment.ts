/** The environment variables that are read. */
export interface Environment {
  readonly OAUTH_ISSUER?: string | undefined
  readonly OAUTH_AUDIENCE?: string | undefined
}

/** An empty variable is as good as none. */
export function readVariable(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}
