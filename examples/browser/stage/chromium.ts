import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** What to do without one. */
export const noChromium =
  'There is no Chromium here: install one (Debian: apt-get install chromium) or name it in CHROMIUM_PATH'

/** Where a Chromium browser is; the environment variable `CHROMIUM_PATH` wins. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH } = process.env
  const candidates = CHROMIUM_PATH === undefined ? places : [CHROMIUM_PATH]
  return candidates.find((path) => existsSync(path))
}

/** The same engine without a browser around it, where Debian's package of it is: it takes half the work, and keeps no page to come back to. */
export function findHeadlessShell(): string | undefined {
  const place = '/usr/bin/chromium-headless-shell'
  return process.env['CHROMIUM_PATH'] === undefined && existsSync(place) ? place : undefined
}

/** Nothing in the background, and no sandbox: that needs rights which containers lack. For pages of this repository only. */
export const launchOptions = {
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}
