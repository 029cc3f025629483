import { jest } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import cors from 'cors'
import express from 'express'
import { getAuth, requireAuth, requireScope } from 'express-resource-server'
import { chromium, type Browser, type Page } from 'playwright-core'
import { findChromium, launchOptions } from '../../examples/browser/stage/chromium.js'
import { startDev, type Running } from '../kit/start-dev.js'
import { describeInBrowser } from './harness.js'

/** A web app of one file: it signs in with PKCE, asks the API, and shows what came. */
const spa = (
  issuer: string,
  api: string,
): string => `<!doctype html><title>App</title><button>Sign in</button><output></output>
<script type="module">
const issuer = ${JSON.stringify(issuer)}, redirect = location.origin + '/'
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '')
const meta = await (await fetch(issuer + '/.well-known/openid-configuration')).json()
const show = (text) => { document.querySelector('output').textContent = text }
document.querySelector('button').onclick = async () => {
  const verifier = encode(crypto.getRandomValues(new Uint8Array(32)))
  sessionStorage.verifier = verifier
  const challenge = encode(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)))
  location = meta.authorization_endpoint + '?' + new URLSearchParams({ response_type: 'code', client_id: 'spa', redirect_uri: redirect,
    scope: 'openid orders:read', code_challenge: challenge, code_challenge_method: 'S256' })
}
const query = new URLSearchParams(location.search)
if (query.get('error')) show(query.get('error'))
if (query.get('code')) {
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'spa', redirect_uri: redirect, code: query.get('code'),
    code_verifier: sessionStorage.verifier })
  const { access_token } = await (await fetch(meta.token_endpoint, { method: 'POST', body })).json()
  const answer = await fetch(${JSON.stringify(`${api}/orders`)}, { headers: { Authorization: 'Bearer ' + access_token } })
  show(answer.status + ' ' + await answer.text())
}
</script>`

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` // it listens on a port
}

describeInBrowser('the issuer for development, in a browser', () => {
  jest.setTimeout(120_000)
  let dev: Running
  let browser: Browser
  let app: string
  const servers: Server[] = []
  const serve = (handler: RequestListener): Promise<string> => {
    const server = createServer(handler)
    servers.push(server)
    return listen(server)
  }

  beforeAll(async () => {
    dev = await startDev()
    const orders = express()
    orders.use(cors())
    orders.use(requireAuth({ issuer: dev.issuer, audience: 'https://api.example.com' }))
    orders.get('/orders', requireScope('orders:read'), (req, res) => {
      res.json({ for: getAuth(req).subject })
    })
    const api = await serve(orders)
    app = await serve((_req, res) => res.setHeader('Content-Type', 'text/html').end(spa(dev.issuer, api)))
    browser = await chromium.launch({ ...launchOptions, executablePath: findChromium() ?? '' })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await dev.stop()
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  })

  const toSignIn = async (page: Page): Promise<void> => {
    await page.goto(app)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Who do you want to be?' }).waitFor()
  }
  const shown = async (page: Page): Promise<string | null> => {
    const output = page.locator('output:not(:empty)')
    await output.waitFor()
    return output.textContent()
  }

  it('leads to a 200 by a click on a person', async () => {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await toSignIn(page)
    await page.getByRole('button', { name: 'Grace Hopper' }).click()
    expect(await shown(page)).toBe('200 {"for":"user-2"}')
    expect(complaints.filter((text) => !text.includes('favicon') && !text.includes('404'))).toEqual([])
    await page.close()
  })

  it('by the keyboard alone, and back without anybody', async () => {
    const page = await browser.newPage()
    await toSignIn(page)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await shown(page)).toBe('200 {"for":"user-1"}')
    await toSignIn(page)
    await page.getByRole('button', { name: 'Do not sign in' }).click()
    expect(await shown(page)).toBe('access_denied')
    await page.close()
  })

  it.each([
    ['light', 'light', 900],
    ['dark', 'dark', 900],
    ['a phone', 'light', 320],
  ] as const)('is readable: %s', async (_name, colorScheme, width) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } })
    await toSignIn(page)
    // As text: what runs in a page is not typed here.
    const isTooWide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
    const style = 'getComputedStyle(document.body)'
    const colours = await page.evaluate<string[]>(`[${style}.color, ${style}.backgroundColor]`)
    expect(isTooWide).toBe(false)
    expect(contrast(colours)).toBeGreaterThan(7)
    await page.close()
  })
})

/** WCAG 2.2, relative luminance. */
function contrast(colours: readonly string[]): number {
  const [one = 0, other = 0] = colours.map((colour) => {
    const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map((part) => {
      const value = Number(part) / 255
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  })
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}
