import { providers, type ProviderName } from '../../testing/providers/index.js'

/**
 * Those whose access tokens are no JWTs, or those of a pipeline, a pod or a session: nobody gets one at a sign-in page, and issuer
 * and audience are not all that they need.
 */
const UNLIKE = ['better-auth', 'github-actions', 'gitlab-ci', 'google', 'kubernetes'] as const

/** A provider that an issuer for development can look like. */
export type LookAlike = Exclude<ProviderName, (typeof UNLIKE)[number]>

export const lookAlikes = Object.keys(providers).filter(isLookAlike)

function isLookAlike(name: string): name is LookAlike {
  return UNLIKE.every((one) => one !== name)
}
