import { accessSync, constants } from 'node:fs'
import type { Io } from '../io.js'
import type { Finding } from './finding.js'

/** Looks at what of the environment decides whether an issuer can be reached, and believed. No value is repeated. */
export function examineEnvironment(env: Io['env']): readonly Finding[] {
  const findings: Finding[] = [{ about: 'node', says: process.version }]
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    findings.push({
      about: 'TLS',
      mood: 'bad',
      says: 'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are not looked at, and whoever sits in between can forge tokens',
      remedy: 'Take it out, and name a private authority in NODE_EXTRA_CA_CERTS.',
    })
  }
  const authorities = env['NODE_EXTRA_CA_CERTS']
  if (authorities !== undefined) findings.push(describeAuthorities(authorities))
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].filter((name) => (env[name] ?? '') !== '')
  if (proxies.length > 0) findings.push(describeProxy(proxies.join(', '), env))
  return findings
}

function describeAuthorities(path: string): Finding {
  const about = 'TLS'
  try {
    accessSync(path, constants.R_OK)
    return { about, mood: 'good', says: 'NODE_EXTRA_CA_CERTS names a file that can be read' }
  } catch {
    const remedy = 'Node goes on without it, with one warning: correct the path.'
    return { about, mood: 'bad', says: 'NODE_EXTRA_CA_CERTS names a file that cannot be read', remedy }
  }
}

function describeProxy(names: string, env: Io['env']): Finding {
  const isUsed = env['NODE_USE_ENV_PROXY'] === '1' || /--use-env-proxy\b/.test(env['NODE_OPTIONS'] ?? '')
  if (isUsed) return { about: 'proxy', says: `${names} is set, and Node is told to use it (from 22.21 and 24.5 on)` }
  return {
    about: 'proxy',
    says: `${names} is set, and the fetch of Node does not use it by itself`,
    remedy: 'Where the issuer is reached by it only: NODE_USE_ENV_PROXY=1 (Node 22.21, 24.5), or the option "fetch".',
  }
}
