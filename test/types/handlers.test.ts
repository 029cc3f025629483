import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Compiles files by the settings of this repository; answers what the compiler says, and what it has read. */
function compile(files: readonly string[]): {
  readonly problems: readonly string[]
  readonly sources: readonly string[]
} {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(
    files.map((name) => `${root}${name}`),
    { ...options, types: ['node'] },
  )
  return {
    problems: ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    sources: program.getSourceFiles().map(({ fileName }) => fileName),
  }
}

describe('without the entry that types req.auth', () => {
  const { problems, sources } = compile([
    'src/index.ts',
    'src/routes/index.ts',
    'src/testing/index.ts',
    'test/types/handlers.ts',
  ])

  test('the source compiles, and so does everything that compiles behind cors()', () => {
    expect(problems).toEqual([])
  })

  test('nothing declares it', () => {
    expect(sources.filter((name) => name.endsWith('/augment.ts'))).toEqual([])
    expect(sources.filter((name) => name.startsWith(`${root}src/`)).length).toBeGreaterThan(80)
  })
})
