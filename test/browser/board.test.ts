import type { Page } from 'playwright-core'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { describeInBrowser, setStage } from './harness.js'

// Point 6 of the story: what the board shows, and how.
describeInBrowser('the board', () => {
  const stage = setStage()

  const refusals = [
    ['401 turned back', 'id_token_presented', 'An ID token was presented. Send an access token issued for this API.'],
    ['401 turned back', 'wrong_audience', 'The access token was issued for another audience.'],
    ['403 turned back', 'insufficient_scope', 'The access token lacks a scope that this operation needs.'],
    ['401 turned back', 'token_expired', 'The access token has expired.'],
  ] as const

  it.each([
    ['app', ['Show the passport', 'A visa for elsewhere', 'A visa that lacks a stamp', 'A visa of an hour ago']],
    ['bff', ['With the passport', 'A visa for elsewhere', 'A visa that lacks a stamp', 'A visa of an hour ago']],
  ] as const)('shows what %s gets for every wrong document, in the words of the library', async (mode, names) => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins[mode])
    for (const [index, name] of names.entries()) {
      const [stamp, code, text] = refusals[index] ?? []
      const seen = await press(page, name)
      expect([seen.stamp, seen.code]).toEqual([stamp, code])
      expect(seen.text).toContain(text)
    }
    // None of it has cost the user anything.
    expect(await press(page, mode === 'app' ? 'Show the visa' : 'With the visa')).toMatchObject({ stamp: '200 let in' })
  })

  const placesOf = (page: Page) =>
    page.evaluate<[string, string][]>(`[...document.querySelectorAll('.place')].map((row) => {
      const held = row.querySelector('dd').textContent.replace(/\\d+ s(?!\\w)|\\d+ s(?=[A-Z])/, '')
      return [row.querySelector('dt').firstChild.textContent, held]
    })`)

  it('shows which token sits where, in memory', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    expect(await placesOf(page)).toEqual([
      ['Memory of this page', 'Access tokenID tokenpassport'],
      ['localStorage', 'nothing'],
      ['sessionStorage', 'nothing'],
      ['document.cookie', 'nothing'],
      ['HttpOnly cookie of auth.a.localhost', 'Refresh tokenrenewal'],
    ])
  })

  it('shows which token sits where, with the guide', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.bff)
    expect(await placesOf(page)).toEqual([
      ['Memory of this page', 'nothing'],
      ['localStorage', 'nothing'],
      ['sessionStorage', 'nothing'],
      ['document.cookie', 'nothing'],
      ['HttpOnly cookie of bff.a.localhost', 'Session cookieticket'],
      ['Session store of the BFF', 'Access tokenID tokenpassportRefresh tokenrenewal'],
    ])
  })

  it('says who plays which part and what each document is for', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(stage.world.origins.app)
    // What is not drawn yet has no text.
    await page.locator('.part h4', { hasText: 'Another site' }).waitFor()
    const names = await page.locator('.part h4').allInnerTexts()
    expect(names).toEqual(['Single-page app', 'Token handler', 'API', 'OpenID provider', 'Another site'])
    const legend = await page.locator('.legend > div').allInnerTexts()
    expect(legend.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'ID token passport authentication: tells the app who signed in OpenID Connect Core \u00a72',
      'Access token visa authorization: tells one API what the app may do there RFC 6749 \u00a71.4',
      'Refresh token renewal gets the next access token, for one use RFC 6749 \u00a71.5',
    ])
    // The page without tokens has no tokens to explain.
    await page.goto(stage.world.origins.plain)
    expect(await page.locator('.legend .document').allInnerTexts()).toEqual([expect.stringMatching(/^Session cookie/)])
  })

  it('tells what just happened, newest first', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    await press(page, 'Show the passport')
    await page.getByText('GET /orders: 401. An ID token was presented.').first().waitFor()
    const newest = await page.locator('.timeline li:not([hidden])').first().innerText()
    expect(newest).toContain('API: GET /orders: 401.')
    // In words, not by colour alone.
    expect(newest).toContain('refused')
  })

  it('asks nobody but this machine for anything', async () => {
    const { page, context } = await stage.newVisitor()
    const hosts = new Set<string>()
    context.on('request', (request) => hosts.add(new URL(request.url()).hostname))
    const { app, bff, plain, careless, evil } = stage.world.origins
    for (const url of [app, `${app}/redirect/`, `${app}/questions/`, bff, plain, careless, evil]) await page.goto(url)
    expect([...hosts].filter((host) => !/^\w+\.[ab]\.localhost$/.test(host))).toEqual([])
  })

  it('is as light or dark as the system, until somebody chooses', async () => {
    const { page } = await stage.newVisitor()
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const [light, dark] = ['rgb(245, 243, 238)', 'rgb(16, 20, 27)']
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(stage.world.origins.app)
    expect(await paper()).toBe(light)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await paper()).toBe(dark)
    await page.getByRole('button', { name: 'Switch between light and dark' }).click()
    expect(await paper()).toBe(light)
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await paper()).toBe(light)
  })

  it.each([390, 320])('fits a screen of %d pixels without sideways scrolling', async (width) => {
    const { page } = await stage.newVisitor()
    await page.setViewportSize({ width, height: 800 })
    const { app, bff, plain, careless, evil } = stage.world.origins
    for (const url of [app, `${app}/redirect/`, `${app}/questions/`, bff, plain, careless, evil]) {
      await page.goto(url)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect([url, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([url, width])
    }
  })

  it.each(['light', 'dark'] as const)('has text that can be read, %s', async (colorScheme) => {
    const { page } = await stage.newVisitor()
    await page.emulateMedia({ colorScheme })
    await signIn(page, stage.world.origins.app)
    await press(page, 'Show the passport')
    expect(await page.evaluate<string[]>(lowContrast)).toEqual([])
    await press(page, 'Show the visa')
    expect(await page.evaluate<string[]>(lowContrast)).toEqual([])
  })

  it('gives every control a name and every page one first heading and a language', async () => {
    const { page } = await stage.newVisitor()
    const { app, bff, plain, careless, evil } = stage.world.origins
    for (const url of [app, `${app}/redirect/`, `${app}/questions/`, bff, plain, careless, evil]) {
      await page.goto(url)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      expect(await page.getAttribute('html', 'lang')).toBe('en')
      for (const control of await page.locator('button, a').all()) {
        const name = (await control.getAttribute('aria-label')) ?? (await control.innerText())
        expect(name.trim()).not.toBe('')
      }
    }
  })
})

/** Every text whose contrast with what is behind it is below 4.5 (WCAG 2.2, 1.4.3), buttons that are off aside. */
const lowContrast = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor)
      if (alpha === 1) return [r, g, b]
    }
    return [255, 255, 255]
  }
  const found = []
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!hasText || element.closest('button:disabled') !== null) continue
    const pair = [luminance(parse(getComputedStyle(element).color).slice(0, 3)), luminance(behind(element))]
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
    if (contrast < 4.5) found.push(element.textContent.trim().slice(0, 40) + ' ' + contrast.toFixed(2))
  }
  return found
})()`
