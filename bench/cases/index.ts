import { newTokens, remembered } from './bearer.js'
import type { CaseGroup } from './case.js'
import { refused } from './refused.js'

/** Everything that is counted. */
export const caseGroups: readonly CaseGroup[] = [remembered, ...newTokens, ...refused]
