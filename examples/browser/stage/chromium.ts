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
