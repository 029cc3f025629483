import { press, signIn, signOut } from '../../examples/browser/stage/visitor.js'
import { hang } from './guide.js'
import { describeInBrowser, setStage, TOKEN } from './harness.js'

// Ending means ended: over tabs, in the back-forward cache, and when parts fail.
describeInBrowser('a sign-out', () => {
  const stage = setStage({ patienceMilliseconds: 1000 }, true)

  afterEach(() => {
    for (const role of ['idp', 'auth', 'bff'] as const) stage.world.standIn(role, undefined)
  })

  it('reaches a tab that is renewing, and leaves it without a visa', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, auth, api } = stage.world.origins
    await signIn(page, app)
    const other = await context.newPage()
    await other.goto(app)
    await other.getByText('Signed in as ada.').waitFor()
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const asked = other.waitForRequest(`${auth}/session/refresh`)
    stage.world.standIn('auth', (honest) => (req, res) => {
      if (req.url === '/session/refresh' && req.method === 'POST')
        void released.then(() => {
          honest(req, res)
        })
      else honest(req, res)
    })
    await other.getByRole('button', { name: 'Renew' }).click()
    await asked
    const visas: string[] = []
    other.on('request', (request) => {
      if (request.url().startsWith(api)) visas.push(request.url())
    })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByText('Nobody is signed in.').waitFor()
    release()
    await page.getByRole('button', { name: 'Sign out here too' }).click()
    await page.getByText('Nobody is signed in.').waitFor()
    // The renewal came back, and is not kept; nor is its cookie.
    await other.getByText('sign_in_required').waitFor()
    await other.getByText('Nobody is signed in.').waitFor()
    expect(visas).toEqual([])
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-Http-refresh')
  })

  it.each(['app', 'bff'] as const)('leaves nothing for the button "Back" at %s', async (mode) => {
    const { page } = await stage.newVisitor()
    const origin = stage.world.origins[mode]
    await signIn(page, origin)
    await press(page, mode === 'app' ? 'Show the visa' : 'With the visa')
    await page.evaluate("addEventListener('pageshow', ({ persisted }) => localStorage.setItem('persisted', persisted))")
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Stay known here' }).waitFor()
    await page.goBack({ waitUntil: 'commit' })
    await page.getByText('Nobody is signed in.').waitFor()
    expect(await page.locator('body').innerText()).not.toMatch(/a passport cover|Signed in as/)
    // This browser does have the cache in question.
    expect(await page.evaluate("localStorage.getItem('persisted')")).toBe('true')
  })

  it('reaches the other tabs of the guide, with the name and the orders in them', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(page, bff)
    const other = await context.newPage()
    await other.goto(bff)
    await press(other, 'With the visa')
    await signOut(page)
    await other.getByText('Nobody is signed in.').waitFor()
    expect(await other.locator('body').innerText()).not.toContain('a passport cover')
  })

  it('that does not reach the token handler is told to the user and to the other tabs, and is made up for', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, auth } = stage.world.origins
    await signIn(page, app)
    const other = await context.newPage()
    await other.goto(app)
    await other.getByText('Signed in as ada.').waitFor()
    await context.route(`${auth}/session`, (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    // It leads on to the provider all the same.
    await page.getByRole('button', { name: 'Stay known here' }).click()
    await page.getByText('renewal_desk_not_told').first().waitFor()
    await page.getByText('Nobody is signed in.').waitFor()
    await other.getByText('Nobody is signed in.').waitFor()
    // The cookie is still there, and signs nobody in.
    await page.reload()
    await page.getByText('renewal_desk_not_told').first().waitFor()
    await page.getByText('Nobody is signed in.').waitFor()
    await context.unroute(`${auth}/session`)
    const told = page.waitForResponse((answer) => answer.url() === `${auth}/session` && answer.status() === 200)
    await page.reload()
    await told
    await page.getByText('Nobody is signed in.').waitFor()
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-Http-refresh')
  })

  it('that the guide refuses or does not hear leaves the user where they are, and says so', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(page, bff)
    const other = await context.newPage()
    await other.goto(bff)
    await other.getByText('Signed in as ada.').waitFor()
    for (const answer of [{ status: 403, json: { error: 'cross_site_request' } }, undefined]) {
      await page.route(`${bff}/sign-out`, (route) => (answer === undefined ? route.abort() : route.fulfill(answer)))
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('sign_out_failed').waitFor()
      await page.getByText('Signed in as ada.').waitFor()
      await other.getByText('Signed in as ada.').waitFor()
      await page.unroute(`${bff}/sign-out`)
      expect(page.url()).toBe(`${bff}/`)
    }
  })

  it('ends here in time when the provider hangs, and says so', async () => {
    const { page } = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(page, bff)
    stage.world.standIn('idp', (honest) => (req, res) => {
      if (req.url?.startsWith('/token/revocation') === true) hang(req, res)
      else honest(req, res)
    })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Stay known here' }).click()
    await page.getByText('provider_not_told').waitFor()
    await page.getByText('Nobody is signed in.').waitFor()
  })

  it('at the app with redirects is not undone by the provider that still knows the user', async () => {
    const { page, context } = await stage.newVisitor()
    const { app } = stage.world.origins
    await signIn(page, `${app}/redirect/`)
    const other = await context.newPage()
    await other.goto(`${app}/redirect/`)
    await other.getByText('Signed in as ada.').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByText('Nobody is signed in.').waitFor()
    await page.getByRole('button', { name: 'Stay known here' }).click()
    await page.getByText('Nobody is signed in.').waitFor()
    expect(new URL(page.url()).pathname).toBe('/redirect/')
    await page.reload()
    await page.getByText('Nobody is signed in.').waitFor()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Signed in as ada.').waitFor()
  })
})

describeInBrowser('the button "Back"', () => {
  const stage = setStage({}, true)

  it('leads out of the app with redirects to where the user was', async () => {
    const { page } = await stage.newVisitor()
    const { app, evil } = stage.world.origins
    await page.goto(evil)
    await page.goto(`${app}/redirect/`)
    await page.getByText('Nobody is signed in.').waitFor()
    await page.goBack({ waitUntil: 'commit' })
    expect(page.url()).toBe(`${evil}/`)
  })
})

describeInBrowser('a server that does not answer', () => {
  const stage = setStage({ patienceMilliseconds: 500 }, true)
  afterEach(() => {
    for (const role of ['idp', 'auth', 'bff'] as const) stage.world.standIn(role, undefined)
  })

  it.each([
    ['app', 'auth'],
    ['bff', 'bff'],
  ] as const)('does not make the user of %s a stranger at a reload', async (mode, role) => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins[mode])
    stage.world.standIn(role, (honest) => (req, res) => {
      if (req.url === '/me' || req.url === '/session/refresh') res.writeHead(503).end()
      else honest(req, res)
    })
    if (mode === 'app') stage.world.standIn('auth', () => (_req, res) => res.writeHead(503).end())
    await page.reload()
    await page.getByText('Who is signed in cannot be told right now.').waitFor()
    await page.getByText('try_again').waitFor()
    expect(await page.getByText('Nobody is signed in.').count()).toBe(0)
    stage.world.standIn(role, undefined)
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByText('Signed in as ada.').waitFor()
  })

  it('shows no token in what the page says of it', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    stage.world.standIn('auth', () => (_req, res) => res.writeHead(503).end())
    const { text } = await press(page, 'Renew')
    expect(text).not.toMatch(TOKEN)
  })
})
