// zone.js patches the globals when it is imported, and exports nothing.
declare module 'zone.js/node'
