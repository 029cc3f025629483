import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { cookieValue, describeInBrowser, setStage } from './harness.js'

// Point 2 of the story: refresh tokens are good for one use, and a second use ends the family.
describeInBrowser('rotation of the refresh token', () => {
  const stage = setStage()

  /** Presents a refresh cookie as a thief's server would, with every header that a browser would guard. */
  function present(refreshToken: string | undefined) {
    const { app, auth } = stage.world.origins
    const headers = {
      cookie: `__Host-Http-refresh=${refreshToken ?? ''}`,
      origin: app,
      'sec-fetch-site': 'same-site',
      'x-csrf': '1',
    }
    return loopbackFetch(`${auth}/session/refresh`, { method: 'POST', headers })
  }

  it('gives out another refresh token every time', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    const first = await cookieValue(visitor, '__Host-Http-refresh')
    await press(visitor.page, 'Renew')
    const second = await cookieValue(visitor, '__Host-Http-refresh')
    expect(first).toMatch(/^[\w-]{20,}$/)
    expect(second).toMatch(/^[\w-]{20,}$/)
    expect(second).not.toBe(first)
  })

  it('ends the family when an old one is replayed, and the next renewal asks for a sign-in', async () => {
    const visitor = await stage.newVisitor()
    const { page } = visitor
    await signIn(page, stage.world.origins.app)
    const old = await cookieValue(visitor, '__Host-Http-refresh')
    await press(page, 'Renew')
    await press(page, 'Renew')
    const replayed = await present(old)
    expect([replayed.status, await replayed.json()]).toEqual([401, { error: 'sign_in_required' }])
    expect(await press(page, 'Renew')).toMatchObject({ stamp: 'No visa', code: 'sign_in_required' })
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await cookieValue(visitor, '__Host-Http-refresh')).toBeUndefined()
    await page.reload()
    await page.getByText('Nobody is signed in.').waitFor()
  })

  it('shows a thief with a copied cookie failing, on the page of the thief', async () => {
    const { page, context } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    for (let renewals = 0; renewals < 3; renewals++) await press(page, 'Renew')
    const thief = await context.newPage()
    await thief.goto(stage.world.origins.evil)
    await thief.getByRole('button', { name: 'Replay an old renewal' }).click()
    await thief.getByText('401. It was used before').waitFor()
    expect(await press(page, 'Renew')).toMatchObject({ code: 'sign_in_required' })
  })

  it('answers the same question twice while the answer may not have arrived', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    const token = await cookieValue(visitor, '__Host-Http-refresh')
    const [first, second] = await Promise.all([present(token), present(token)])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(await second.json()).toEqual(await first.json())
    // And again, since the answer may have been lost on the way.
    expect((await present(token)).status).toBe(200)
    // The cookies are sealed differently, and hold the same refresh token.
    const [one, other] = [first, second].map(
      (answer) => /__Host-Http-refresh=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1],
    )
    expect(await (await present(other)).json()).toEqual(await (await present(one)).json())
  })

  it('stops doing so as soon as the answer is known to have arrived', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    const token = await cookieValue(visitor, '__Host-Http-refresh')
    const [, successor] = /__Host-Http-refresh=([^;]+)/.exec((await present(token)).headers.getSetCookie().join()) ?? []
    const next = await present(successor)
    expect(next.status).toBe(200)
    const [, last] = /__Host-Http-refresh=([^;]+)/.exec(next.headers.getSetCookie().join()) ?? []
    expect((await present(token)).status).toBe(401)
    expect((await present(last)).status).toBe(401)
  })

  it('keeps the user signed in who reloads while the page renews', async () => {
    const visitor = await stage.newVisitor()
    const { page } = visitor
    const { app, auth } = stage.world.origins
    await signIn(page, app)
    const before = await cookieValue(visitor, '__Host-Http-refresh')
    // The request arrives; its answer, with the new cookie in it, never does.
    await page.route(`${auth}/session/refresh`, async (route) => {
      const { status } = await present(before)
      expect(status).toBe(200)
      await route.abort()
    })
    expect(await press(page, 'Renew')).toMatchObject({ stamp: 'That failed' })
    expect(await cookieValue(visitor, '__Host-Http-refresh')).toBe(before)
    await page.unroute(`${auth}/session/refresh`)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
  })

  it('lets two tabs work on when the access token of both has ended', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    const { app, auth } = stage.world.origins
    await context.clock.install()
    await signIn(page, app)
    const other = await context.newPage()
    await other.goto(app)
    await other.getByRole('button', { name: 'Sign out' }).waitFor()

    // The first renewal is held up until the other tab has asked for its own.
    let started = 0
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    await context.route(`${auth}/session/refresh`, async (route) => {
      started += 1
      await released
      await route.continue()
    })
    await Promise.all([page.clock.fastForward(61_000), other.clock.fastForward(61_000)])
    const pressed = Promise.all([press(page, 'Show the visa'), press(other, 'Show the visa')])
    const waiting = () => page.evaluate<number>('navigator.locks.query().then(({ pending }) => pending.length)')
    while ((await waiting()) === 0 && started < 2);
    expect(started).toBe(1)
    release()
    expect((await pressed).map(({ stamp }) => stamp)).toEqual(['200 let in', '200 let in'])
    expect(started).toBe(2)

    // And both are signed in for good: nobody was taken for a thief.
    expect(await press(page, 'Renew')).toMatchObject({ stamp: 'Renewed' })
    expect(await press(other, 'Renew')).toMatchObject({ stamp: 'Renewed' })
  })
})

describeInBrowser('the token handler', () => {
  const stage = setStage()

  let refreshToken: string | undefined

  beforeAll(async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    refreshToken = await cookieValue(visitor, '__Host-Http-refresh')
  }, 120_000)

  function send(changes: Readonly<Record<string, string | undefined>> = {}) {
    const { app, auth } = stage.world.origins
    const cookie = `__Host-Http-refresh=${refreshToken ?? ''}`
    const headers = { origin: app, 'sec-fetch-site': 'same-site', 'x-csrf': '1', cookie, ...changes }
    const sent = Object.entries<string | undefined>(headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    return loopbackFetch(`${auth}/session/refresh`, { method: 'POST', headers: Object.fromEntries(sent) })
  }

  it.each([
    ['without its header', { 'x-csrf': undefined }],
    ['from another site', { origin: 'http://evil.b.localhost', 'sec-fetch-site': 'cross-site' }],
    ['from a sibling on the same site', { origin: 'http://bff.a.localhost' }],
    ['from the null origin', { origin: 'null' }],
    ['from a site that the browser calls foreign', { origin: undefined, 'sec-fetch-site': 'cross-site' }],
    ['from nobody that says who they are', { origin: undefined, 'sec-fetch-site': undefined }],
  ])('refuses a request %s, whatever cookie it carries', async (_from, changes) => {
    const refused = await send(changes)
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'cross_site_request' }])
    expect(refused.headers.getSetCookie()).toEqual([])
    // The cookie is as good as before: it was not used.
    const accepted = await send()
    expect(accepted.status).toBe(200)
    refreshToken = /__Host-Http-refresh=([^;]+)/.exec(accepted.headers.getSetCookie().join())?.[1]
  })

  it('allows its one app to read answers with credentials, and nobody else', async () => {
    const { app, auth, bff } = stage.world.origins
    const preflight = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-csrf' }
      return (await loopbackFetch(`${auth}/session/refresh`, { method: 'OPTIONS', headers })).headers
    }
    for (const origin of [app, bff, 'null']) {
      // One constant origin: a browser compares it with the asking one, and refuses all others.
      expect((await preflight(origin)).get('access-control-allow-origin')).toBe(app)
      expect((await preflight(origin)).get('access-control-allow-credentials')).toBe('true')
    }
  })
})
