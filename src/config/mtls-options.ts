import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { createNetworks, isNetwork, type IsInNetworks } from '../lib/networks.js'
import { list, strictObject } from './shapes.js'

const formats = ['rfc9440', 'pem', 'base64', 'base64-chain', 'xfcc'] as const

/** Where a proxy that ends TLS writes the certificate of its client. */
export interface CertificateHeaderOptions {
  /** The name of the header, which the proxy must take away from whatever came in. */
  readonly header: string
  /**
   * How it is written: `rfc9440` (`Client-Cert`), `pem` (PEM with percent-encoding: nginx, AWS), `base64` (DER: HAProxy, Azure),
   * `base64-chain` (several, with commas between: Traefik), `xfcc` (Envoy).
   */
  readonly format: (typeof formats)[number]
}

/** How access tokens that are bound to a client certificate are taken (RFC 8705). */
export interface MtlsOptions {
  /** Where the certificate of a client is: on the TLS connection to this process, or in a header that a proxy writes. */
  readonly certificate: 'socket' | CertificateHeaderOptions
  /**
   * Whose header counts, by the address of the connection: addresses and networks, `10.0.0.0/8` say. From anybody else it is
   * ignored. With a header it must be there.
   */
  readonly trustedProxies?: readonly string[] | undefined
  /** Takes nothing but tokens that are bound to a certificate, or to a key by the option `dpop`. Default: false. */
  readonly required?: boolean | undefined
}

/** The same, settled. */
export interface MtlsSettings {
  readonly source:
    | 'socket'
    | {
        /** In lower case. */
        readonly header: string
        readonly format: CertificateHeaderOptions['format']
        readonly isTrustedProxy: IsInNetworks
      }
  readonly required: boolean
}

const SOURCE_FORM = "must be 'socket' or an object { header: 'client-cert', format: 'rfc9440' }"
const network = z
  .string('must hold texts')
  .check(z.refine(isNetwork, 'must hold addresses and networks: 10.0.0.7, 10.0.0.0/8, fd00::/8'))

const headerSource = strictObject(
  {
    header: z
      .string('must be a text')
      .check(z.refine((name) => /^[!#$%&'*+.^`|~\w-]+$/.test(name), 'must be the name of a header')),
    format: z.enum(formats, `must be one of ${formats.join(', ')}`),
  },
  SOURCE_FORM,
)

/** Of the option `mtls`. */
export const mtlsSchema = strictObject(
  {
    certificate: z.union([z.literal('socket'), headerSource], SOURCE_FORM),
    trustedProxies: z.optional(
      list(network, {
        form: "must be an array of addresses and networks: ['10.0.0.0/8']",
        atLeastOne: 'must not be empty',
      }),
    ),
    required: z._default(z.boolean('must be true or false'), false),
  },
  "must be an object { certificate: 'socket' }",
)

/**
 * Settles where certificates are found.
 *
 * @throws {ConfigurationError} Where anybody could write the header, or nobody is to be trusted with none.
 */
export function resolveMtls(options: z.output<typeof mtlsSchema> | undefined): MtlsSettings | undefined {
  if (options === undefined) return undefined
  const { certificate, trustedProxies, required } = options
  if (certificate === 'socket') {
    if (trustedProxies === undefined) return Object.freeze({ source: certificate, required })
    throw new ConfigurationError(
      'The option "mtls.trustedProxies" is for a header: with certificate: \'socket\' no proxy is asked. Leave it out, or name the header.',
    )
  }
  if (trustedProxies === undefined) {
    throw new ConfigurationError(
      'The option "mtls.trustedProxies" is missing: anybody could write the header of the certificate. List the addresses from which your proxy connects.',
    )
  }
  const { header, format } = certificate
  const source = Object.freeze({
    header: header.toLowerCase(),
    format,
    isTrustedProxy: createNetworks(trustedProxies),
  })
  return Object.freeze({ source, required })
}
