import { profileNames } from '../tokens/profiles/index.js'

export const commands = ['explain', 'doctor', 'help'] as const

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
  const third = Math.ceil(profileNames.length / 3)
  return [0, 1, 2].map((row) => `  ${profileNames.slice(row * third, (row + 1) * third).join(' ')}`).join('\n')
}

const pages: Readonly<Record<Command, () => string>> = {
  help: () => `express-resource-server: what is wrong with an access token, or with a setup?

  explain   why a token is accepted or refused, and what to change
  doctor    whether issuer, keys, clock, API and routes are as they should be

  npx express-resource-server explain --issuer URL --audience NAME < token.txt
  npx express-resource-server doctor --issuer URL --audience NAME

"explain --help" and "doctor --help" say more. Pages: docs/explain.md.
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
}

/** The help of a command. */
export function helpOf(command: Command): string {
  return pages[command]()
}
