import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import ts from 'typescript'

/** A fenced block of a document. */
export interface Snippet {
  readonly language: string
  readonly code: string
  /** The nearest heading above it. */
  readonly heading: string
  /** The line of its fence. */
  readonly line: number
}

const root = new URL('../../', import.meta.url)

export function readDocument(name: string): string {
  return readFileSync(new URL(name, root), 'utf8')
}

/** The pages for users by their names: README.md, and what stands in docs/. */
export const pages: ReadonlyMap<string, string> = new Map(
  ['README.md', ...readdirSync(new URL('docs', root)).map((name) => `docs/${name}`)]
    .filter((name) => name.endsWith('.md'))
    .map((name) => [name, readDocument(name)]),
)

/** Reads the fenced blocks of a Markdown document, in order. */
export function readSnippets(document: string): readonly Snippet[] {
  const snippets: Snippet[] = []
  let heading = ''
  let fence: { language: string; line: number; code: string[] } | undefined
  for (const [index, text] of document.split('\n').entries()) {
    if (fence === undefined) {
      heading = /^#+ (.+)$/.exec(text)?.[1] ?? heading
      const language = /^```(\w*)$/.exec(text)?.[1]
      if (language !== undefined) fence = { language, line: index + 1, code: [] }
    } else if (text === '```') {
      snippets.push({ language: fence.language, line: fence.line, heading, code: fence.code.join('\n') })
      fence = undefined
    } else fence.code.push(text)
  }
  return snippets
}

/** The part of a document below one heading, up to the next heading of the same level or above. */
export function readSection(document: string, heading: string): string {
  const start = `\n${document}`.indexOf(`\n${heading}\n`)
  if (start === -1) throw new Error(`There is no heading "${heading}".`)
  const level = heading.indexOf(' ')
  const rest = document.slice(start + heading.length)
  const end = new RegExp(`\n#{1,${String(level)}} `).exec(rest)?.index
  return rest.slice(0, end)
}

/** The rows of the Markdown tables in a text, header rows and rulers left out, as cells. */
export function readRows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n')
  const isRow = (line: string | undefined): boolean => line?.startsWith('|') === true
  const isRuler = (line: string | undefined): boolean => /^[|\s:-]+$/.test(line ?? '') && isRow(line)
  return lines
    .filter((line, index) => isRow(line) && !isRuler(line) && !isRuler(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}

/** A cell without the backticks of code. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}

/** Whether a snippet is a whole module, with its imports, and not a line out of one. */
export function isModule({ code }: Snippet): boolean {
  return /^import /m.test(code)
}

/** Type-checks modules as if they were files of this repository; answers what the compiler says. */
export function compile(modules: ReadonlyMap<string, string>): readonly string[] {
  const configPath = new URL('tsconfig.json', root).pathname
  const { config } = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, new URL('.', root).pathname)
  const files = new Map([...modules].map(([name, code]) => [new URL(`test/docs/${name}`, root).pathname, code]))
  const settings = {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // As a project of NestJS has them.
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  }
  const disk = ts.createCompilerHost(settings)
  const globals = new URL('test/jest.d.ts', root).pathname
  const program = ts.createProgram([...files.keys(), globals], settings, {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    getSourceFile: (path, language, ...rest) => {
      const code = files.get(path)
      return code === undefined
        ? disk.getSourceFile(path, language, ...rest)
        : ts.createSourceFile(path, code, language)
    },
  })
  const sources = program.getSourceFiles().filter(({ fileName }) => files.has(fileName))
  return sources
    .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
    .map(({ file, messageText }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, '\n')
      return `${basename(file?.fileName ?? '')}: ${message}`
    })
}

/** A snippet as a function of what it imports and uses. */
type Main = (...values: unknown[]) => Promise<void>

/** Runs a snippet with the given modules to import and the given globals; answers what it exports. */
export async function run(
  code: string,
  modules: Readonly<Record<string, unknown>>,
  globals: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  })
  const names = ['require', 'exports', ...Object.keys(globals)]
  // In this realm, so that the promises of a snippet are those that Express knows.
  const main = globalThis.eval(`(async (${names.join(', ')}) => { ${outputText}\n })`) as Main
  const require = (name: string): unknown => {
    if (!Object.hasOwn(modules, name)) throw new Error(`The snippet imports "${name}".`)
    return modules[name]
  }
  const exports = {}
  await main(require, exports, ...Object.values(globals))
  return exports
}
