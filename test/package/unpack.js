import { rmSync } from 'node:fs'
import process from 'node:process'

/** Takes away what was packed. */
export default function unpack() {
  rmSync(process.env.PACKED_FOLDER, { recursive: true, force: true })
}
