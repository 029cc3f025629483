import { newTokens, remembered } from './bearer.js'
import type { CaseGroup } from './case.js'
import { rememberedOpaque } from './opaque.js'
import { boundTokens } from './proofs.js'
import { refused } from './refused.js'

/** Everything that is counted. */
export const caseGroups: readonly CaseGroup[] = [remembered, rememberedOpaque, ...newTokens, ...boundTokens, ...refused]
