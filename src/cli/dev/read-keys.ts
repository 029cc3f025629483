import { createInterface } from 'node:readline'
import type { Io } from '../io.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/**
 * Does what keys mean until `q` comes: as they are pressed on a terminal, else the first letter of each line. An input that
 * ends ends nothing: a command in the background has none.
 */
export function readKeys({ input }: Io, keys: Readonly<Record<string, () => void | Promise<void>>>): Promise<void> {
  return new Promise((resolve) => {
    const press = (key: string): boolean => {
      if (['q', CTRL_C, CTRL_D].includes(key)) return false
      if (Object.hasOwn(keys, key)) void keys[key]?.()
      return true
    }
    if (input.isTTY === true && 'setRawMode' in input && typeof input.setRawMode === 'function') {
      const terminal = input as typeof input & { setRawMode(isRaw: boolean): void } // looked at above
      terminal.setRawMode(true)
      const onData = (data: Buffer): void => {
        if (data.toString().split('').every(press)) return
        terminal.off('data', onData)
        terminal.setRawMode(false)
        terminal.pause()
        resolve()
      }
      terminal.on('data', onData)
      return
    }
    const lines = createInterface({ input })
    lines.on('line', (line) => {
      if (press(line.trim().slice(0, 1))) return
      lines.close()
      resolve()
    })
  })
}
