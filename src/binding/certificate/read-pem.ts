import { readBase64 } from '../../lib/base64.js'

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'
const WHITE_SPACE = /[ \t\r\n]+/g

/**
 * Reads the first certificate of a PEM text, in DER: a chain begins with that of the client (RFC 8446 §4.4.2). All of the text
 * must be certificates: anything beside them, a comma say, may be another's.
 */
export function readPem(text: string): Buffer | undefined {
  const [first, ...others] = text.split(END)
  const behind = others.pop()
  if (first === undefined || behind?.trim() !== '') return undefined
  const blocks = [first, ...others].map(readBlock)
  return blocks.includes(undefined) ? undefined : blocks[0]
}

/** Reads one block, of which the last line is gone. */
function readBlock(text: string): Buffer | undefined {
  const block = text.trimStart()
  return block.startsWith(BEGIN) ? readBase64(block.slice(BEGIN.length).replaceAll(WHITE_SPACE, '')) : undefined
}
