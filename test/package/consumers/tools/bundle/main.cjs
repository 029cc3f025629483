const { tell } = require('../story.cjs')

// Half of it is required, half imported: a bundle has one copy of the state all the same.
import('express-resource-server/testing')
  .then((testing) => {
    const routes = require('express-resource-server/routes')
    return tell({ express: require('express'), library: require('express-resource-server'), routes, testing })
  })
  .then(console.log)
