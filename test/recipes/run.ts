/** Runs the recipes of docs/providers.md against the real packages, whatever their look-alikes are. Needs the registry once. */
import { createResourceServer, type RequireAuthOptions } from '../../src/index.js'
import { installPackages } from '../../tools/install-packages.js'
import { readDocument, readSnippets, run } from '../docs/snippets.js'

/** A real issuer in this process, and what it issued. */
interface Issuer {
  readonly name: string
  /** The heading of its recipe, and which of those below it. */
  readonly recipe: readonly [heading: string, position: number]
  readonly fetch: (url: string) => Promise<Response>
  readonly access: string
  readonly others: Readonly<Record<string, string>>
}

installPackages('test/recipes')

async function optionsOf([heading, position]: Issuer['recipe']): Promise<RequireAuthOptions> {
  const found = readSnippets(readDocument('docs/providers.md')).filter((one) => one.heading === heading)[position]
  const seen: RequireAuthOptions[] = []
  await run(found?.code ?? '', {}, { requireAuth: (options: RequireAuthOptions) => seen.push(options) })
  const [options] = seen
  if (options === undefined) throw new Error(`There is no recipe "${heading}".`)
  return options
}

let passed = 0
let failed = 0

function expectVerdict(name: string, actual: string, isWanted: boolean): void {
  console.log(`${isWanted ? 'ok' : 'NOT OK'}: ${name}: ${actual}`)
  if (isWanted) passed++
  else failed++
}

for (const file of ['openauth.js', 'better-auth.js']) {
  const module = (await import(new URL(`issuers/${file}`, import.meta.url).href)) as { start: () => Promise<Issuer[]> } // see there
  for (const { name, recipe, fetch, access, others } of await module.start()) {
    const server = createResourceServer({ ...(await optionsOf(recipe)), fetch: (url) => fetch(url) })
    const judge = (token: string): Promise<string> =>
      server.verifyToken(token).then(
        () => 'in',
        (error: unknown) => `out, ${String((error as { code?: unknown }).code)}`, // every refusal has a code
      )
    const verdict = await judge(access)
    expectVerdict(`${name}, its access token`, verdict, verdict === 'in')
    for (const [what, token] of Object.entries(others)) {
      const other = await judge(token)
      expectVerdict(`${name}, ${what}`, other, other.startsWith('out, '))
    }
  }
}
console.log(`${String(passed)} passed, ${String(failed)} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
