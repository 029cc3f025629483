const process = require('node:process')

/** Finds the package where it was installed, by its own `exports`, and everything else as ever. */
module.exports = (request, options) => {
  const isOurs = /^express-resource-server(?:\/|$)/.test(request)
  return options.defaultResolver(request, isOurs ? { ...options, basedir: process.env.INSTALLED_FOLDER } : options)
}
