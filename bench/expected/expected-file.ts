import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import type { Expected } from './figures.js'

const NAME = 'bench/expected.json'

export function readExpected(root: string): Expected {
  return JSON.parse(readFileSync(join(root, NAME), 'utf8')) as Expected // written below
}

export async function writeExpected(root: string, expected: Expected): Promise<void> {
  writeFileSync(join(root, NAME), await format(JSON.stringify(expected), { parser: 'json', printWidth: 120 }))
}
