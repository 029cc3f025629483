#!/usr/bin/env node
import { exits } from './io.js'
import { runCli } from './run-cli.js'

// Node prints warnings in a line as long as they are: here they are wrapped like everything else.
process.removeAllListeners('warning')
// The name alone: what a module of the user's throws may hold anything.
process.on('uncaughtException', (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.name : 'Something'} was thrown: nothing is decided.\n`)
  process.exit(exits.undecided)
})

void runCli(process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  env: process.env,
  onWarning: (say) => {
    process.on('warning', ({ message }) => {
      say(message)
    })
  },
}).then((exitCode) => {
  // An app that was looked at may listen: nobody waits for it.
  process.stdout.write('', () => process.exit(exitCode))
})
