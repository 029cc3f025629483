import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { press, signIn, signOut } from '../../examples/browser/stage/visitor.js'
import { cookieValue, describeInBrowser, readable, setStage, TOKEN } from './harness.js'

/** What the button "Sign in" does, for somebody who is signed in already. */
const signInAgain = `fetch('/sign-in', { method: 'POST', headers: { 'x-csrf': '1' } })
  .then((answer) => answer.json())
  .then(({ continueAt }) => location.assign(continueAt))`

// Point 4 of the story: every token on the server, one session cookie in the browser.
describeInBrowser('the BFF', () => {
  const stage = setStage()

  it('lets no token reach the browser: no answer, no request, no storage has one', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    const asked: string[] = []
    context.on('request', (request) => {
      asked.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`)
    })
    await signIn(page, stage.world.origins.bff)
    for (const name of [
      'With the visa',
      'With the passport',
      'A visa for elsewhere',
      'Order a stamp',
      'Inject a script',
    ]) {
      await press(page, name)
    }
    expect(await readable(page)).toBe('[{},{},""]')
    await signOut(page)
    await visitor.settled()
    expect(visitor.answers.filter((answer) => TOKEN.test(answer))).toEqual([])
    expect(visitor.answers.filter((answer) => answer.includes('"refresh_token":"'))).toEqual([])
    expect(asked.filter((request) => TOKEN.test(request))).toEqual([])
    // The same eyes do see tokens where there are some.
    const control = await stage.newVisitor()
    await signIn(control.page, stage.world.origins.app)
    await control.settled()
    expect(control.answers.some((answer) => TOKEN.test(answer))).toBe(true)
  })

  it('sets these cookies, and no others', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.bff)
    await press(visitor.page, 'With the visa')
    await signOut(visitor.page)
    await visitor.settled()
    const ours = visitor.cookies.filter((cookie) => !cookie.startsWith('idp_'))
    expect(
      ours.map((cookie) => cookie.replace(/Expires=[^;]+/, 'Expires=DATE').replace(/in-[\w-]{16}=/, 'in-STATE=')),
    ).toEqual([
      '__Host-Http-sign-in-STATE=...; Max-Age=300; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Lax',
      '__Host-Http-sign-in-STATE=...; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Lax',
      '__Host-Http-session=...; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Strict',
      '__Host-Http-session=...; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Strict',
    ])
    const left = (await visitor.context.cookies()).map(({ name }) => name).filter((name) => !name.startsWith('idp_'))
    expect(left).toEqual([])
  })

  it('gives another session id at sign-in, whatever cookie came along', async () => {
    const visitor = await stage.newVisitor()
    const { bff } = stage.world.origins
    const planted = 's%3Aplanted.by-somebody-else'
    await visitor.context.addCookies([
      {
        name: '__Host-Http-session',
        value: planted,
        url: `${bff.replace('http:', 'https:')}/`,
        secure: true,
        httpOnly: true,
      },
    ])
    await signIn(visitor.page, bff)
    const first = await cookieValue(visitor, '__Host-Http-session')
    expect(first).not.toBe(planted)

    // Signing in again ends what was there before.
    await visitor.page.goto(`${bff}/`)
    await visitor.page.evaluate(signInAgain)
    await visitor.page.waitForURL(`${bff}/`)
    await visitor.page.getByRole('button', { name: 'Sign out' }).waitFor()
    const second = await cookieValue(visitor, '__Host-Http-session')
    expect(second).not.toBe(first)
    const me = async (cookie: string | undefined) => {
      const headers = { cookie: `__Host-Http-session=${cookie ?? ''}`, 'sec-fetch-site': 'same-origin', 'x-csrf': '1' }
      return (await loopbackFetch(`${bff}/me`, { headers })).json()
    }
    expect(await me(first)).toEqual({ signedIn: false })
    expect(await me(second)).toMatchObject({ signedIn: true, name: 'ada' })
  })

  it('refuses a code that this browser did not ask for', async () => {
    const { page } = await stage.newVisitor()
    const { bff, idp } = stage.world.origins
    await page.goto(`${bff}/signed-in?code=stolen&state=stolen&iss=${encodeURIComponent(idp)}`)
    await page.getByText('no_sign_in_under_way').waitFor()
    await page.getByText('Nobody is signed in.').waitFor()
  })

  it('keeps the user signed in over a reload and in a new tab', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(page, bff)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await page.close()
    const reopened = await context.newPage()
    await reopened.goto(bff)
    expect(await press(reopened, 'With the visa')).toMatchObject({ stamp: '200 let in' })
  })

  it('ends the session at sign-out, here and at the provider', async () => {
    const visitor = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(visitor.page, bff)
    const old = await cookieValue(visitor, '__Host-Http-session')
    await signOut(visitor.page)
    const headers = { cookie: `__Host-Http-session=${old ?? ''}`, 'sec-fetch-site': 'same-origin', 'x-csrf': '1' }
    expect(await (await loopbackFetch(`${bff}/me`, { headers })).json()).toEqual({ signedIn: false })
    expect((await loopbackFetch(`${bff}/api/orders`, { headers })).status).toBe(401)
    await visitor.page.getByRole('button', { name: 'Sign in' }).click()
    await visitor.page.getByRole('button', { name: 'Sign in as Ada' }).waitFor()
  })

  it('ends the session when the provider says so, without the browser', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, bff } = stage.world.origins
    await signIn(page, bff)
    const other = await context.newPage()
    await signIn(other, app)
    // Signed out in another app, at the provider: the BFF hears of it by the back channel.
    await signOut(other)
    expect(await press(page, 'With the visa')).toMatchObject({ code: 'sign_in_required' })
  })

  it('refuses a sign-out over the back channel that the provider did not sign', async () => {
    const { bff } = stage.world.origins
    const body = new URLSearchParams({ logout_token: 'eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.e30.' })
    for (const init of [{ body }, { body: new URLSearchParams() }, {}]) {
      const answer = await loopbackFetch(`${bff}/back-channel-logout`, { method: 'POST', ...init })
      expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }])
    }
  })

  it('is not moved by what evil.b.localhost tries in the same browser', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    const { bff, evil } = stage.world.origins
    await signIn(page, bff)
    const before = await press(page, 'With the visa')
    const sent: { cookie: string; method: string }[] = []
    const thief = await context.newPage()
    context.on('requestfinished', (request) => {
      if (!request.url().startsWith(bff) || request.method() !== 'POST') return
      void request.allHeaders().then(({ cookie = '' }) => sent.push({ cookie, method: request.method() }))
    })
    await thief.goto(evil)
    for (const name of [
      'Send a form to the guide',
      'Order at the guide by script',
      'The same, with the header',
      'Sign the victim out',
    ]) {
      await thief.getByRole('button', { name }).click()
      await thief.getByText(`${name}: `).waitFor()
    }
    // The thief's own page says what came of it; it has that from the servers.
    const outcomes = await thief.locator('#outcomes li').allInnerTexts()
    expect(outcomes.filter((text) => text.includes('sent, and refused: 403.'))).toHaveLength(3)
    expect(outcomes.filter((text) => text.includes('it may not (CORS)'))).toHaveLength(1)
    expect((await press(page, 'With the visa')).text).toBe(before.text)
    // The form and the scripts without a header did get there, without the session: SameSite=Strict.
    for (const { cookie } of sent) expect(cookie).not.toContain('__Host-Http-session')
    await page.getByText(`A request caused by ${evil}: refused.`).first().waitFor()
  })

  it('is not moved by a sibling either, whose requests do carry the cookie', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff, careless } = stage.world.origins
    await signIn(page, bff)
    const before = await press(page, 'With the visa')
    const sibling = await context.newPage()
    await sibling.goto(careless)
    const answered = sibling.waitForResponse(`${bff}/api/orders`)
    await sibling.evaluate(`{
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '${bff}/api/orders' })
      document.body.append(form)
      form.submit()
    }`)
    const response = await answered
    expect((await response.request().allHeaders())['cookie']).toContain('__Host-Http-session')
    expect(response.status()).toBe(403)
    expect((await press(page, 'With the visa')).text).toBe(before.text)
  })
})

describeInBrowser('the BFF before a forged request', () => {
  const stage = setStage()
  let cookie = ''

  beforeAll(async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.bff)
    cookie = `__Host-Http-session=${(await cookieValue(visitor, '__Host-Http-session')) ?? ''}`
  }, 120_000)

  function send(method: string, changes: Readonly<Record<string, string | undefined>> = {}) {
    const { bff } = stage.world.origins
    const headers = { origin: bff, 'sec-fetch-site': 'same-origin', 'x-csrf': '1', cookie, ...changes }
    const sent = Object.entries<string | undefined>(headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    return loopbackFetch(`${bff}/api/orders`, { method, headers: Object.fromEntries(sent) })
  }

  it.each([
    ['without the header', { 'x-csrf': undefined }],
    ['from another site', { origin: 'http://evil.b.localhost', 'sec-fetch-site': 'cross-site' }],
    ['from a sibling on the same site', { origin: 'http://app.a.localhost', 'sec-fetch-site': 'same-site' }],
    ['that a sibling caused, without an origin', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    ['from the null origin', { origin: 'null' }],
    ['from nobody that says who they are', { origin: undefined, 'sec-fetch-site': undefined }],
  ])('refuses one %s, with the session cookie and all', async (_which, changes) => {
    const before = await (await send('GET')).json()
    const refused = await send('POST', changes)
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'cross_site_request' }])
    expect(await (await send('GET')).json()).toEqual(before)
    expect((await send('POST')).status).toBe(201)
  })
})

describeInBrowser('the BFF with access tokens of four seconds', () => {
  const stage = setStage({ accessTokenSeconds: 4 })

  it('renews them on the server, and the user does not notice', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.bff)
    const until = () =>
      page.evaluate<number>(
        "fetch('/me', { headers: { 'x-csrf': '1' } }).then((answer) => answer.json()).then((me) => me.visaExpiresAt)",
      )
    const first = await until()
    do expect(await press(page, 'With the visa')).toMatchObject({ stamp: '200 let in' })
    while ((await until()) === first)
    expect(await until()).toBeGreaterThan(first)
  })
})
