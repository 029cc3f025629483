import type * as OidcProvider from 'oidc-provider'

/**
 * Loads oidc-provider without the warning that it prints on Node 20: it wants 22 or later and runs on 20 all the same.
 * `npm start` says so in a line of its own.
 */
export async function importQuietly(): Promise<typeof OidcProvider> {
  const { warn } = console
  console.warn = () => undefined
  try {
    return await import('oidc-provider')
  } finally {
    console.warn = warn
  }
}
