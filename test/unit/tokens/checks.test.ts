import { readdirSync } from 'node:fs'
import type { Examination } from '../../../src/tokens/examination.js'
import { checks } from '../../../src/tokens/checks/index.js'

const files = readdirSync(new URL('../../../src/tokens/checks/', import.meta.url)).filter((name) => name !== 'index.ts')

test('each check is a file that bears its name, and each file is a check', () => {
  const names = checks.map(({ name }) => `${name.replaceAll(' ', '-')}.ts`)
  expect(new Set(names).size).toBe(names.length)
  expect([...names].sort()).toEqual([...files].sort())
})

// The compiler is the test: whoever goes by what changes has to ask for it, and what is asked for is noted.
test('a check gets at no time, no issuer and no key but by the lifetime', () => {
  const examine = ({ lifetime, rules, findings: { issuer } }: Examination): readonly unknown[] => [
    // @ts-expect-error The time is asked for.
    lifetime.now,
    // @ts-expect-error An issuer is asked for.
    rules.issuers.find,
    // @ts-expect-error A key is asked for.
    issuer?.keys.find,
    // @ts-expect-error Nor does it read what was noted.
    lifetime.until,
  ]
  expect(examine).toBeInstanceOf(Function)
})
