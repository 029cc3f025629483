// Walks in a process of its own, with zone.js or without, and says what came of it as JSON. Whatever nobody handled counts.
import process from 'node:process'

const unhandled: string[] = []
process.on('unhandledRejection', (reason) => unhandled.push(`rejection: ${String(reason)}`))
process.on('uncaughtException', (error) => unhandled.push(`exception: ${String(error)}`))

if (process.argv.includes('--zone')) await import('zone.js/node')
const { default: express } = await import('express')
const { default: express4 } = await import('express4')
const { walk } = await import('./walk.js')
const { isPending } = await import('../../../src/lib/eventual.js')

const steps = [...(await walk(() => express())), ...(await walk(() => express4()))]
const isPatched = !((async () => Promise.resolve())() instanceof Promise)
if (!isPending(Promise.resolve())) unhandled.push('a promise is none')
console.log(JSON.stringify({ steps, unhandled, isPatched }))
process.exit()
