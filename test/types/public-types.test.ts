import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The declarations of this library that somebody sees who uses an entry: what its exports name, and what those name. */
function reachableFrom(entry: string): ReadonlySet<string> {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram([`${root}${entry}`], { ...options, types: ['node'] })
  const checker = program.getTypeChecker()
  const names = new Set<string>()
  const seen = new Set<ts.Node>()
  const visitSymbol = (symbol: ts.Symbol): void => {
    const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
    for (const declaration of target.declarations ?? []) {
      if (seen.has(declaration) || !declaration.getSourceFile().fileName.startsWith(`${root}src/`)) continue
      seen.add(declaration)
      names.add(target.name)
      visit(declaration)
    }
  }
  const visit = (node: ts.Node): void => {
    // What a function does is nobody's to see, and neither is what it is set to.
    if (ts.isBlock(node)) return
    if (ts.isTypeReferenceNode(node)) visitName(node.typeName)
    if (ts.isExpressionWithTypeArguments(node) || ts.isTypeQueryNode(node)) {
      visitName(ts.isTypeQueryNode(node) ? node.exprName : node.expression)
    }
    ts.forEachChild(node, visit)
  }
  const visitName = (name: ts.Node): void => {
    const symbol = checker.getSymbolAtLocation(name)
    if (symbol !== undefined) visitSymbol(symbol)
  }
  const file = program.getSourceFile(`${root}${entry}`)
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file)
  for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) visitSymbol(symbol)
  return names
}

test.each([['src/index.ts'], ['src/testing/index.ts']])(
  'the public types of %s name nothing of how tokens are judged',
  (entry) => {
    const names = reachableFrom(entry)
    const ofTokens = [
      'Profile',
      'Mark',
      'Sign',
      'AuthorityPaths',
      'Authority',
      'TokenIssuer',
      'TokenRules',
      'CheckRules',
    ]
    const ofChecks = [
      'Findings',
      'Examination',
      'Check',
      'Lifetime',
      'Trust',
      'KnownToken',
      'VerifiedToken',
      'TokenFacts',
    ]
    expect([...ofTokens, ...ofChecks].filter((name) => names.has(name))).toEqual([])
  },
)

test('what policies see is among them', () => {
  const names = reachableFrom('src/index.ts')
  expect([...names]).toEqual(expect.arrayContaining(['Auth', 'PolicyContext', 'ActsFor', 'NamePlaces', 'TokenReport']))
})
