const process = require('node:process')

/** What an application has beside the package, and one copy of it. */
const PEERS = /^(?:express|@nestjs\/[\w-]+)$/

/** Finds the package where it was installed, by its own `exports`, its peers where the tests have them, and all else as ever. */
module.exports = (request, options) => {
  const folder = process.env.INSTALLED_FOLDER
  if (/^express-resource-server(?:\/|$)/.test(request))
    return options.defaultResolver(request, { ...options, basedir: folder })
  const isPeer = PEERS.test(request) && options.basedir.startsWith(folder)
  return options.defaultResolver(request, isPeer ? { ...options, basedir: options.rootDir ?? process.cwd() } : options)
}
