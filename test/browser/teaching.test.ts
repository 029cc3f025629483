import type { Page } from 'playwright-core'
import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { cookieValue, describeInBrowser, setStage, TOKEN } from './harness.js'

// What the board does for who learns from it: the answer in sight, the real messages, no button that says nothing.
describeInBrowser('the board, to who learns from it', () => {
  const stage = setStage()

  const messages = async (page: Page): Promise<string> => {
    await page.locator('#messages summary').click()
    await page.locator('#messages pre').first().waitFor()
    return page.locator('#messages').innerText()
  }

  it.each([
    [1280, 800],
    [390, 844],
  ])('shows the answer where it was asked for, on %d by %d', async (width, height) => {
    const { page } = await stage.newVisitor()
    await page.setViewportSize({ width, height })
    await signIn(page, stage.world.origins.app)
    for (const name of ['Show the visa', 'Show the passport', 'Order a stamp', 'Renew', 'Inject a script']) {
      await press(page, name)
      const { y = -1 } = (await page.locator('#answer').boundingBox()) ?? {}
      expect([name, y >= 0 && y < height - 100]).toEqual([name, true])
    }
  })

  it('folds the parts away for who is signed in, and not for who is new', async () => {
    const { page } = await stage.newVisitor()
    const { app } = stage.world.origins
    await page.goto(app)
    await page.locator('#cast[open]').waitFor()
    await signIn(page, app)
    await page.locator('#cast:not([open])').waitFor()
  })

  it('has the real messages one click away, with no secret in them', async () => {
    const visitor = await stage.newVisitor()
    const { page } = visitor
    await signIn(page, stage.world.origins.app)
    await press(page, 'Renew')
    await page.getByText('The 2 real messages').waitFor()
    const refresh = await messages(page)
    expect(refresh).toMatch(
      /Set-Cookie: __Host-Http-refresh=[\w-]{6}\.\.\. \(\d+ characters\); Max-Age=28800; Path=\/;/,
    )
    expect(refresh).toContain('POST /session/refresh')
    expect(refresh).toContain('Authorization: Basic ')
    await press(page, 'Show the passport')
    await page.getByText('The real message', { exact: true }).waitFor()
    const refused = await messages(page)
    expect(refused).toContain('WWW-Authenticate: Bearer realm="api", error="invalid_token"')
    expect(refused).toContain('aud: "app-with-token-handler"')
    expect(refresh + refused).not.toMatch(TOKEN)
    expect(refresh + refused).not.toContain(await cookieValue(visitor, '__Host-Http-refresh'))
  })

  it('shows the messages on both sides of the BFF', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.bff)
    await press(page, 'With the visa')
    await page.getByText('The 2 real messages').waitFor()
    const text = await messages(page)
    expect(text).toMatch(/Cookie: __Host-Http-session=/)
    expect(text).toMatch(/Authorization: Bearer eyJhbG\.\.\. \(\d+ characters\), which says:/)
    expect(text).not.toMatch(TOKEN)
  })

  it('has grey buttons that can be reached and say why', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(stage.world.origins.app)
    const button = page.getByRole('button', { name: 'Show the visa' })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    const why = (await button.getAttribute('aria-describedby')) ?? ''
    expect(await page.locator(`#${why}`).innerText()).toContain('sign in first')
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByText('This needs somebody who is signed in.').waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Show the visa')
  })

  it('has no control in what is read out, and takes no focus and no selection away', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    expect(await page.locator('[role=status] button, [role=status] a, [role=status] summary').count()).toBe(0)
    const who = page.getByRole('button', { name: 'Sign out' })
    await who.focus()
    await page.evaluate("document.querySelector('.place').isTheSame = true")
    await press(page, 'Renew')
    await who.focus()
    await press(page, 'Show the passport')
    expect(await page.evaluate("document.querySelectorAll('.story button').length")).toBe(1)
    // Only what is held has changed, and nothing was drawn anew for the second that passed.
    await page.evaluate("document.querySelector('.place').isTheSame = true")
    await page
      .locator('.place small', { hasText: /^5[0-8] s$/ })
      .first()
      .waitFor()
    expect(await page.evaluate("document.querySelector('.place').isTheSame")).toBe(true)
  })

  it('can be gone past the top by keyboard', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(stage.world.origins.app)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  it('answers every question on one page, and each link leads somewhere', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(`${stage.world.origins.app}/questions/`)
    await page.getByRole('navigation', { name: 'Where the tokens live' }).waitFor()
    const asked = await page.locator('.contents a').allInnerTexts()
    expect(asked).toEqual(await page.locator('main h2').allInnerTexts())
    const links = await page.evaluate<string[]>("[...document.querySelectorAll('main a')].map((link) => link.href)")
    const local = new Set(links.filter((link) => link.includes('.localhost')).map((link) => link.replace(/#.*/, '')))
    expect(links.includes('')).toBe(false)
    for (const link of local) expect([link, (await loopbackFetch(link)).status]).toEqual([link, 200])
  })
})

describeInBrowser('two users of one browser', () => {
  const stage = setStage()

  it.each(['app', 'bff'] as const)('have orders of their own at %s', async (mode) => {
    const visa = mode === 'app' ? 'Show the visa' : 'With the visa'
    for (const [user, order] of [
      ['Ada', 'a passport cover'],
      ['Bea', 'a suitcase'],
    ] as const) {
      const { page } = await stage.newVisitor()
      await signIn(page, stage.world.origins[mode], user)
      expect((await press(page, visa)).text).toContain(order)
    }
  })

  it.each(['app', 'bff'] as const)('are announced to the other tabs of %s', async (mode) => {
    const { page, context } = await stage.newVisitor()
    const origin = stage.world.origins[mode]
    const [late, other] = [await context.newPage(), await context.newPage()]
    // A sign-in that was begun before, and is finished as somebody else.
    await late.goto(origin)
    await late.getByRole('button', { name: 'Sign in' }).click()
    await late.getByRole('button', { name: 'Sign in as Bea' }).waitFor()
    await signIn(page, origin, 'Ada')
    await other.goto(origin)
    await other.getByText('Signed in as ada.').waitFor()
    await late.getByRole('button', { name: 'Sign in as Bea' }).click()
    await late.getByText('Signed in as bea.').waitFor()
    for (const tab of [page, other]) {
      await tab.getByText('Signed in as bea.').waitFor()
      await tab.getByText('Somebody else signed in, in another tab of this browser.').waitFor()
    }
    // Who was here alone is told of nobody else.
    expect(await late.getByText('Somebody else signed in').count()).toBe(0)
  })

  it('are not taken for each other by a tab that was not told: what one asked for, the other does not do', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, api } = stage.world.origins
    await page.addInitScript('BroadcastChannel.prototype.addEventListener = () => undefined')
    await page.clock.install()
    await signIn(page, app, 'Ada')
    await context.clearCookies({ domain: 'idp.b.localhost' })
    const other = await context.newPage()
    // Another sign-in in the same browser: the refresh cookie is Bea's from then on.
    await other.route('**/session/refresh', (route) => route.fulfill({ status: 401, json: {} }))
    await signIn(other, app, 'Bea')
    await page.clock.fastForward(61_000)
    const ordered: string[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(api)) ordered.push(request.method())
    })
    await page.getByRole('button', { name: 'Order a stamp' }).click()
    await page.getByText('Somebody else signed in, in another tab of this browser.').waitFor()
    await page.getByText('Signed in as bea.').waitFor()
    expect(ordered).toEqual([])
  })

  it('are not taken for each other by a call that is under way when the other signs in', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, api } = stage.world.origins
    const late = await context.newPage()
    await late.goto(app)
    await late.getByRole('button', { name: 'Sign in' }).click()
    await late.getByRole('button', { name: 'Sign in as Bea' }).waitFor()
    await signIn(page, app, 'Ada')
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    let asked = 0
    await page.route(`${api}/orders`, async (route) => {
      asked += 1
      await released
      await route.fulfill({ status: 401, headers: { 'access-control-allow-origin': app }, json: { code: 'late' } })
    })
    await page.getByRole('button', { name: 'Order a stamp' }).click()
    await late.getByRole('button', { name: 'Sign in as Bea' }).click()
    await page.getByText('Signed in as bea.').waitFor()
    release()
    await page.locator('.stamp code', { hasText: 'late' }).waitFor()
    expect(asked).toBe(1)
  })

  it('see in the timeline what they did, and the rest only where they ask for it', async () => {
    const [ada, bea] = [await stage.newVisitor(), await stage.newVisitor()]
    const { app } = stage.world.origins
    await signIn(ada.page, app, 'Ada')
    await signIn(bea.page, app, 'Bea')
    await press(bea.page, 'Show the passport')
    await press(ada.page, 'Show the visa')
    const rows = ada.page.locator('.timeline li:not([hidden])', { hasText: 'GET /orders' })
    await rows.first().waitFor()
    expect((await rows.allInnerTexts()).join()).not.toContain('GET /orders: 401')
    await ada.page.getByRole('button', { name: 'Everybody' }).click()
    expect((await rows.allInnerTexts()).join()).toContain('GET /orders: 401')
  })
})

describeInBrowser('the plain session', () => {
  const stage = setStage()

  it('signs in, asks, is another user and ends, with one cookie and no token', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    await page.goto(stage.world.origins.plain)
    expect(await press(page, 'Ask for my orders')).toMatchObject({ code: 'sign_in_required' })
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Signed in as ada.').waitFor()
    expect((await press(page, 'Ask for my orders')).text).toContain('a passport cover')
    const other = await context.newPage()
    await other.goto(stage.world.origins.plain)
    await other.getByText('Signed in as ada.').waitFor()
    const first = await cookieValue(visitor, '__Host-Http-session')
    await page.getByRole('button', { name: 'Come as Bea' }).click()
    await page.getByText('Signed in as bea.').waitFor()
    expect(await cookieValue(visitor, '__Host-Http-session')).not.toBe(first)
    expect((await press(page, 'Ask for my orders')).text).toContain('a suitcase')
    await other.getByText('Somebody else signed in').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('Nobody is signed in.').waitFor()
    await other.getByText('Nobody is signed in.').waitFor()
    await visitor.settled()
    expect(new Set(visitor.cookies.map((cookie) => cookie.replace(/Expires=[^;]+/, 'Expires=DATE')))).toEqual(
      new Set(['__Host-Http-session=...; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Strict']),
    )
    expect(visitor.answers.filter((answer) => TOKEN.test(answer))).toEqual([])
    expect(await context.cookies()).toEqual([])
  })

  function send(method: string, path: string, changes: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { plain } = stage.world.origins
    const own = { origin: plain, 'sec-fetch-site': 'same-origin', 'x-csrf': '1', 'content-type': 'application/json' }
    const headers = { ...own, ...changes }
    const body = method === 'POST' ? JSON.stringify({ user: 'ada' }) : null
    return loopbackFetch(`${plain}${path}`, { method, headers, body })
  }

  it.each([
    ['another site', { origin: 'http://evil.b.localhost', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: 'http://careless.a.localhost', 'sec-fetch-site': 'same-site' }],
    ['a frame without an origin', { origin: 'null' }],
  ])('is not begun, and not ended, by %s', async (_who, changes) => {
    for (const path of ['/sign-in', '/sign-out']) {
      const refused = await send('POST', path, changes)
      expect([refused.status, refused.headers.get('set-cookie')]).toEqual([403, null])
    }
  })

  it('is changed by no GET, takes no two cookies of its name, and no user that it does not know', async () => {
    for (const path of ['/sign-in', '/sign-out']) expect((await send('GET', path)).status).toBe(404)
    const [cookie = ''] = ((await send('POST', '/sign-in')).headers.get('set-cookie') ?? '').split(';')
    expect(await (await send('GET', '/me', { cookie })).json()).toEqual({ user: 'ada' })
    const twice = await send('GET', '/me', { cookie: `${cookie}; __Host-Http-session=planted` })
    expect([twice.status, await twice.json()]).toEqual([400, { error: 'ambiguous_cookie' }])
    const { plain } = stage.world.origins
    const headers = { origin: plain, 'x-csrf': '1', 'content-type': 'application/json' }
    for (const body of ['{"user":"eve"}', '{"user":"constructor"}', '{"user":["ada"]}', '{}', '{']) {
      expect((await loopbackFetch(`${plain}/sign-in`, { method: 'POST', headers, body })).status).toBe(400)
    }
    expect((await send('POST', '/sign-out', { cookie })).status).toBe(200)
    expect(await (await send('GET', '/me', { cookie })).json()).toEqual({})
  })
})
