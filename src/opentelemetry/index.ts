export { instrumentResourceServer, type InstrumentationOptions } from './instrument-resource-server.js'
