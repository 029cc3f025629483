const { tell } = require('../story.cjs')

// Half of it is required, half imported: a bundle has one copy of the state all the same.
import('express-resource-server/testing')
  .then((testing) => tell({ express: require('express'), library: require('express-resource-server'), testing }))
  .then(console.log)
