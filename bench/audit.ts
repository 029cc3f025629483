import { createPrivateKey } from 'node:crypto'
import { startServer, startVerifier, type Bench } from './bench.js'
import { unprotected, type Contender } from './contenders.js'
import { generateKey, signingKey, type BenchAlgorithm } from './tokens/keys.js'
import { claimsOf, headerOf, signToken, type Signer } from './tokens/mint.js'

interface AuditCase {
  readonly name: string
  /** Without one, no Authorization field is sent. */
  readonly token?: string
  readonly accepted: boolean
}

/** The requests that every contender must judge the same way before it is measured. */
function auditCases(algorithm: BenchAlgorithm): readonly AuditCase[] {
  const { kid, privateKey } = signingKey(algorithm)
  const signer: Signer = { kid, algorithm, key: createPrivateKey(privateKey) }
  const now = Math.floor(Date.now() / 1000)
  const claims = claimsOf(0, now)
  const token = (changes: object, by = signer): string => signToken(headerOf(by), { ...claims, ...changes }, by)
  return [
    { name: 'a good token', token: token({}), accepted: true },
    { name: 'no token', accepted: false },
    {
      name: 'a bad signature',
      token: token({}, { ...signer, key: generateKey(algorithm).privateKey }),
      accepted: false,
    },
    { name: 'an expired token', token: token({ iat: now - 7200, exp: now - 3600 }), accepted: false },
    { name: 'another issuer', token: token({ iss: 'https://evil.example.com' }), accepted: false },
    { name: 'another audience', token: token({ aud: 'https://other.example.com' }), accepted: false },
  ]
}

/**
 * Asks a contender all of it, through HTTP, and tells what it got wrong.
 *
 * Who accepts what should be refused, or refuses what should be accepted, is configured wrongly: a figure of it would compare
 * nothing.
 */
async function audit(
  contender: Contender,
  options: { bench: Bench; algorithm: BenchAlgorithm },
): Promise<readonly string[]> {
  const server = await startServer(contender, options)
  const faults: string[] = []
  try {
    for (const { name, token, accepted } of auditCases(options.algorithm)) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const { status } = await fetch(`http://127.0.0.1:${String(server.port)}/`, { headers })
      const expected = accepted || contender.id === unprotected.id ? 200 : 401
      if (status === expected) continue
      faults.push(`${contender.label}, ${options.algorithm}: ${String(status)} to ${name}, not ${String(expected)}`)
    }
    return faults
  } finally {
    server.process.end()
  }
}

/** The same for a verifier without HTTP around it: what it is given is always a token. */
async function auditVerifier(
  contender: Contender,
  options: { bench: Bench; algorithm: BenchAlgorithm },
): Promise<readonly string[]> {
  const cases = auditCases(options.algorithm).filter(({ token, name }) =>
    contender.signatureOnly === true ? name === 'a good token' || name === 'a bad signature' : token !== undefined,
  )
  const verifier = await startVerifier(contender, options)
  try {
    const verdicts = await verifier.ask('judge', { tokens: cases.map(({ token }) => token) })
    // measured/verify.js says so.
    return (verdicts as readonly boolean[]).flatMap((accepted, index) => {
      const { name, accepted: expected } = cases[index] ?? { name: '', accepted }
      if (accepted === expected) return []
      return [`${contender.label}, ${options.algorithm}: ${accepted ? 'accepts' : 'refuses'} ${name}`]
    })
  } finally {
    verifier.end()
  }
}

/** Who takes this algorithm and passes the audit; what others got wrong is added to the list. */
export async function findAble(
  as: 'middleware' | 'verifier',
  { bench, algorithm, faults }: { bench: Bench; algorithm: BenchAlgorithm; faults: string[] },
): Promise<readonly Contender[]> {
  const judge = as === 'middleware' ? audit : auditVerifier
  const earlier = bench.passed.get(`${as} ${algorithm}`)
  if (earlier !== undefined) return earlier
  const able: Contender[] = []
  for (const contender of bench.contenders) {
    if (!contender.as.includes(as) || !contender.algorithms.includes(algorithm)) continue
    bench.progress.note(`audit: ${contender.label}, ${algorithm}`)
    const found = await judge(contender, { bench, algorithm })
    faults.push(...found)
    if (found.length === 0) able.push(contender)
  }
  bench.passed.set(`${as} ${algorithm}`, able)
  return able
}
