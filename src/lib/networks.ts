import { BlockList, isIP } from 'node:net'

/** Tells whether an address, as sockets write it, is in one of some networks. */
export type IsInNetworks = (address: string | undefined) => boolean

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i

/** Tells whether a text is an address or a network in CIDR notation that is less than the whole internet. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined
}

/**
 * Makes one question of a list of addresses and networks. An IPv4 address that comes as IPv6, `::ffff:10.0.0.1`, is the IPv4
 * address. What has no address, a Unix socket or a connection that is gone, is in none.
 */
export function createNetworks(texts: readonly string[]): IsInNetworks {
  const list = new BlockList()
  for (const text of texts) {
    const network = readNetwork(text)
    if (network === undefined) throw new TypeError('Not a network.')
    list.addSubnet(network.address, network.prefix, network.family)
  }
  return (written) => {
    const address = MAPPED.exec(written ?? '')?.[1] ?? written
    const family = address === undefined || address.includes('%') ? undefined : familyOf(address)
    return address !== undefined && family !== undefined && list.check(address, family)
  }
}

interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

function readNetwork(text: string): Network | undefined {
  const [address = '', written, ...rest] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || rest.length > 0 || address.includes('%') || MAPPED.test(address)) return undefined
  const longest = family === 'ipv4' ? 32 : 128
  if (written === undefined) return { address, prefix: longest, family }
  const prefix = /^[1-9]\d{0,2}$/.test(written) ? Number(written) : 0
  return prefix >= 1 && prefix <= longest ? { address, prefix, family } : undefined
}

function familyOf(address: string): Network['family'] | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
