import { profileNames } from '../tokens/profiles/index.js'
import { lookAlikes } from './dev/look-alikes.js'
import { wrongNames, wrongs } from './dev/mint.js'

export const commands = ['explain', 'doctor', 'dev', 'help'] as const

export type Command = (typeof commands)[number]

const CONFIGURATION = `What to expect of tokens (flags win over the module, it over variables):
  --issuer URL            exactly as "iss" has it; several times for several
  --audience NAME         what "aud" must hold; several times for several
  --profile NAME          the provider (--help lists them)
  --algorithms A,B        default: the asymmetric ones
  --jwks-uri URL          where the keys are; default: as the metadata says
  --jwks FILE             the keys themselves, as a JSON Web Key Set
  --clock-tolerance-seconds N   --max-token-age-seconds N
  --dangerously-allow-http
  --config FILE           a module that exports the options of requireAuth(), as
                          the default or as "options"
  OAUTH_ISSUER, OAUTH_AUDIENCE   variables, as requireAuth() reads them`

/** The list of profiles, in lines. */
function listProfiles(): string {
  return inLines(profileNames)
}

function inLines(names: readonly string[]): string {
  const third = Math.ceil(names.length / 3)
  return [0, 1, 2].map((row) => `  ${names.slice(row * third, (row + 1) * third).join(' ')}`).join('\n')
}

const pages: Readonly<Record<Command, () => string>> = {
  help: () => `express-resource-server: what is wrong with an access token, or with a setup?

  explain   why a token is accepted or refused, and what to change
  doctor    whether issuer, keys, clock, API and routes are as they should be
  dev       an issuer on this machine to develop against, and tokens of it

  npx express-resource-server explain --issuer URL --audience NAME < token.txt
  npx express-resource-server doctor --issuer URL --audience NAME
  npx express-resource-server dev

"explain --help", "doctor --help" and "dev --help" say more. Pages:
docs/explain.md, docs/dev.md.
`,
  explain: () => `Says why a token is accepted or refused: the checks of a request, cause first.

  npx express-resource-server explain --issuer URL --audience NAME
                          asks for the token, and does not show it
  ... explain --config ./auth.js < token.txt
  ... explain --config ./auth.js --scope orders:read < token.txt
                          why a route answers 403
  ... explain --config ./auth.js --jwks keys.json --offline < token.txt
                          without the network

${CONFIGURATION}

What to look at:
  --scope NAME --role NAME   ask for it too; several scopes: all of them
  --offline               fetch nothing: the keys must be given
  --json                  for programs; "version" is that of its members

The token is never printed, nor what could be a person's in it. A header, a URL
or a token response with a token in it may be pasted as well.
Exit codes: 0 accepted, 1 refused, 2 undecided (the issuer does not answer),
64 usage.

Profiles:
${listProfiles()}
`,
  doctor: () => `Looks at a setup: the issuer, its keys, its clock; an API from outside; routes.

  npx express-resource-server doctor --issuer URL --audience NAME
  ... doctor --config ./auth.js
  ... doctor --url https://api.example.com/orders
                          challenge, metadata, CORS and headers, from outside
  ... doctor ./app.js     which routes nothing protects: runs the module, which
                          exports its Express app

${CONFIGURATION}

What to look at:
  --url URL               a route that needs a token; none is sent to it
  --origin URL            the web page for the preflight; default:
                          https://app.example.com
  --except "GET /health"  a route that may be open; several times for several
  --json                  for programs; "version" is that of its members

Exit codes: 0 fine, 1 something is wrong, 2 somebody does not answer, 64 usage.

Profiles:
${listProfiles()}
`,
  dev: () => `Runs an issuer on this machine to develop against: a page to pick a person at, no
password, PKCE, refresh tokens, DPoP, introspection. Everybody gets in: it listens
on this machine alone, and does not start where NODE_ENV is production.

  npx express-resource-server dev
  ... dev --like keycloak --people people.json
  ... dev token user-1 --scope orders:read
                          prints an access token of the one that runs
  ... dev token user-1 --wrong expired
                          one that must be refused

  --port NUMBER           default: 9400; 0 for any
  --host NAME             127.0.0.1, localhost or ::1
  --like NAME             whose tokens they look like; default: generic (RFC 9068)
  --audience NAME         what "aud" holds; default: as the provider has it
  --people FILE           a JSON list of { sub, name, email, scopes, claims }, read
                          again when it changes
  --seconds NUMBER        how long access tokens live

"dev token [PERSON]" (nobody: the client for itself) takes, besides --audience
and --seconds:
  --scope NAME            several times for several
  --client NAME           default: client-1
  --issuer URL            the one that runs; default: http://127.0.0.1:9400
  --wrong NAME            with the code that it must get:
${listWrongs()}

Keys while it runs (or lines of its input): r signs with a new key, o switches
metadata and keys off and on, q stops.
Exit codes: 0, 2 nobody answers, 64 usage.

Looks like:
${inLines(lookAlikes)}
`,
}

function listWrongs(): string {
  return wrongNames.map((name) => `    ${name.padEnd(16)} ${wrongs[name].code}`).join('\n')
}

/** The help of a command. */
export function helpOf(command: Command): string {
  return pages[command]()
}
