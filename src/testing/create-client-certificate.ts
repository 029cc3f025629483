import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { systemClock } from '../lib/clock.js'

/** A certificate with its key, for a client that proves itself by TLS. */
export interface ClientCertificate {
  /** PEM. */
  readonly cert: string
  /** PEM: its private key. */
  readonly key: string
  /** What a token that is bound to it has as `cnf["x5t#S256"]` (RFC 8705 §3.1). */
  readonly thumbprint: string
}

export interface ClientCertificateOptions {
  /** The name in it. Default: `'client-1'`. */
  readonly commonName?: string | undefined
  /** Until when it is good. Default: a day from now. */
  readonly notAfter?: Date | undefined
  /** Who signs it. Default: itself, so that a server can list it as its own authority. */
  readonly signedBy?: ClientCertificate | undefined
  /** PEM: a private key to make it for, ECDSA by P-256. Default: a new one. */
  readonly key?: string | undefined
}

const DAY_MS = 86_400_000

/**
 * Makes a client certificate for tests: of what is behind `mtls`.
 *
 * This is NOT for use beyond tests: nothing of it can be taken back, and nobody looks at what it says.
 *
 * @example
 *   const client = createClientCertificate()
 *   const token = await issuer.accessToken({ cnf: { 'x5t#S256': client.thumbprint } })
 *   https.request(url, { cert: client.cert, key: client.key, headers: { Authorization: `Bearer ${token}` } })
 */
export function createClientCertificate(options: ClientCertificateOptions = {}): ClientCertificate {
  const { commonName = 'client-1', signedBy, notAfter = new Date(systemClock() + DAY_MS) } = options
  const key =
    options.key === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : createPrivateKey(options.key)
  const subject = nameOf(commonName)
  const signer = signedBy === undefined ? key : createPrivateKey(signedBy.key)
  const issuer = signedBy === undefined ? subject : subjectOf(signedBy.cert)
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(new Date(Math.min(systemClock(), notAfter.getTime()) - DAY_MS)), time(notAfter)),
    subject,
    spkiOf(key),
    ...(signedBy === undefined ? [tagged(0xa3, sequence(IS_AUTHORITY))] : []),
  )
  const der = sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, signer)))
  return {
    cert: pem(der),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  }
}

// What follows writes DER (X.690 §10), as much of it as RFC 5280 §4.1 needs here.

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes)
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]))
}

/** GeneralizedTime, whole seconds. */
function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')))
}

/** One common name, 2.5.4.3. */
function nameOf(commonName: string): Buffer {
  const attribute = sequence(identifier('550403'), tagged(0x0c, Buffer.from(commonName)))
  return sequence(tagged(0x31, attribute))
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'))

/** Basic constraints, 2.5.29.19: critical, a certificate authority. */
const TRUE = Buffer.from([0x01, 0x01, 0xff])
const IS_AUTHORITY = sequence(identifier('551d13'), TRUE, tagged(0x04, sequence(TRUE)))

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

/** The name of a certificate that was made here. */
function subjectOf(cert: string): Buffer {
  return nameOf(new X509Certificate(cert).subject.replace(/^CN=/, ''))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
