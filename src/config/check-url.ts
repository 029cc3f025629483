import { ConfigurationError } from '../errors.js'
import { isSecure, readUrl } from '../lib/urls.js'

/**
 * Refuses a URL to which nothing may be sent, and from which nothing can be believed.
 *
 * @throws {ConfigurationError} With the name of the option and what to write.
 */
export function checkUrl(name: string, text: string, dangerouslyAllowHttp: boolean): void {
  const url = readUrl(text)
  if (url !== undefined && isSecure(url, dangerouslyAllowHttp)) return
  throw new ConfigurationError(
    url?.protocol === 'http:'
      ? `The option "${name}" uses http beyond this machine: whoever sits in between could forge tokens. Use https, or set "dangerouslyAllowHttp" to true.`
      : `The option "${name}" must be a whole https URL: "https://...", without user and password.`,
  )
}
