// The API reference: what each entry of the package exports, and the pages. Made by `npm run docs`.
import { readFileSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'
import { Converter, PageEvent, ReflectionKind } from 'typedoc'
import { entries } from '../entries.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** The name that users import, by the file of its source. */
const names = new Map([...entries].map(([name, source]) => [root + source, name]))

/** Calls entries as users import them, and pages by their titles. Makes links to the first page work without a server, too. */
function polish(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    const file = context.project.getSymbolIdFromReflection(reflection)?.fileName
    reflection.name = names.get(file) ?? reflection.name
  })
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    document.name = /^# (.+)/.exec(document.content[0]?.text ?? '')?.[1] ?? document.name
  })
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents?.replaceAll(/href="((?:\.\.\/)+)#/g, 'href="$1index.html#')
  })
}

/** The pages, in the order in which README.md lists them. */
const [, list = ''] = readFileSync(`${root}README.md`, 'utf8').split('\n## Pages\n')
const pages = new Set([...list.matchAll(/\((docs\/[\w-]+\.md)/g)].map(([, page]) => page))

/** Types that users meet in a signature and have no need to name. One that is not met any more is an error too. */
const unnamed = `
  Accepted ActsFor Answer AnyRequest AnyResponse BearerToken ClaimValue ClaimsOf ClientSecret Clock Combine Denial
  Eventual Fetch Found Grant GraphqlConnection Holding IntrospectionCacheOptions IsAccessToken JsonObject Judged
  NamePlaces NodeRequest NodeResponse PrivateKeyJwt RefusalInit Refused RowMethod Scheme
  ScopeHierarchy Socket SocketIoServer SocketServer TlsClientAuth Traced UnavailableCode WebRequest WithSchema
  WithoutSchema keyTypes providers reasons
`

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'express-resource-server',
  entryPoints: [...names.keys()],
  tsconfig: `${root}tsconfig.json`,
  out: `${root}reference`,
  readme: `${root}README.md`,
  projectDocuments: [...pages, 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((page) => `${root}${page}`),
  plugin: [polish],
  disableSources: true,
  searchInComments: true,
  searchInDocuments: true,
  // That is done by `npm run types`.
  skipErrorChecking: true,
  intentionallyNotExported: unnamed.trim().split(/\s+/),
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  highlightLanguages: ['http', 'javascript', 'json', 'nginx', 'sh', 'text', 'typescript'],
  treatValidationWarningsAsErrors: true,
  treatWarningsAsErrors: true,
}
