import { remember } from '../lib/remember.js'

/** With the longest of them, less than a megabyte. */
const REMEMBERED_TEXTS = { maxEntries: 256, maxLength: 256 }

// The tokens of an issuer have few audiences among them: they share one array each.
const listOfOne = remember((text): readonly string[] => Object.freeze([text]), REMEMBERED_TEXTS)

/** Reads a text, or an array of texts; `undefined` for anything else. */
export function readTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return listOfOne(value)
  return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined
}
