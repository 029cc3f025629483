import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClientCertificate, type ClientCertificate } from '../../src/testing/create-client-certificate.js'

/** A certificate and its key, as texts and as files. */
export interface Certified extends ClientCertificate {
  readonly certFile: string
  readonly keyFile: string
  readonly der: Buffer
}

/** A certificate authority that is made for a test, and whom it certified. */
export interface Authority {
  readonly folder: string
  readonly ca: Certified
  issue(name: string): Certified
  remove(): void
}

/** Makes one, for proxies that read files. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  const keep = (name: string, made: ClientCertificate): Certified => {
    const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
    writeFileSync(certFile, made.cert)
    writeFileSync(keyFile, made.key)
    return { ...made, certFile, keyFile, der: new X509Certificate(made.cert).raw }
  }
  const ca = keep('ca', createClientCertificate({ commonName: 'CA of a test' }))
  return {
    folder,
    ca,
    issue: (name) => keep(name, createClientCertificate({ commonName: name, signedBy: ca })),
    remove: () => {
      rmSync(folder, { recursive: true })
    },
  }
}
