import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { press, signIn, signOut } from '../../examples/browser/stage/visitor.js'
import { cookieValue, describeInBrowser, readable, setStage, TOKEN, watchVisas } from './harness.js'

// Points 1 and 2 of the story: the access token in memory, the refresh token in a cookie of the token handler.
describeInBrowser('the single-page app with its token handler', () => {
  const stage = setStage()

  it('signs in with a code and PKCE, and calls the API with a Bearer token', async () => {
    const { app, api, idp } = stage.world.origins
    const { page } = await stage.newVisitor()
    const asked: URL[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(`${idp}/auth?`)) asked.push(new URL(request.url()))
    })
    const visas = watchVisas(page, api)
    await signIn(page, app)
    const { searchParams } = asked[0] ?? new URL('about:blank')
    expect([searchParams.get('response_type'), searchParams.get('code_challenge_method')]).toEqual(['code', 'S256'])
    expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    expect(visas).toEqual([expect.stringMatching(TOKEN)])
  })

  it('leaves neither code nor state in the address, and nothing of the sign-in in sessionStorage', async () => {
    const { app } = stage.world.origins
    const { page } = await stage.newVisitor()
    await signIn(page, app)
    expect(page.url()).toBe(`${app}/`)
    expect(await readable(page)).toBe('[{},{},""]')
  })

  it('keeps tokens out of localStorage, sessionStorage and script-readable cookies', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    await press(page, 'Show the visa')
    await press(page, 'Renew')
    expect(await readable(page)).not.toMatch(TOKEN)
    expect(await page.evaluate('indexedDB.databases()')).toEqual([])
    expect(await page.evaluate('caches.keys()')).toEqual([])
  })

  it('shows the page no refresh token, in no answer at all', async () => {
    const visitor = await stage.newVisitor()
    const { page } = visitor
    const held = new Set<string>()
    await signIn(page, stage.world.origins.app)
    for (const name of ['Show the visa', 'Renew', 'A visa for elsewhere', 'Inject a script']) {
      await press(page, name)
      held.add((await cookieValue(visitor, '__Host-Http-refresh')) ?? '')
    }
    await visitor.settled()
    const everything = visitor.answers.join('\n')
    expect(everything.includes('"access_token":"')).toBe(true)
    expect(everything.includes('"refresh_token":"')).toBe(false)
    // Four steps, of which three rotate.
    expect(held.size).toBe(4)
    for (const refreshToken of held) expect(everything.includes(refreshToken)).toBe(false)
  })

  it('sets these cookies, and no others', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    await signIn(page, stage.world.origins.app)
    await press(page, 'Renew')
    await signOut(page)
    await visitor.settled()
    const ours = visitor.cookies.filter((cookie) => !cookie.startsWith('idp_'))
    const kept = '__Host-Http-refresh=...; Max-Age=28800; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Strict'
    const cleared = '__Host-Http-refresh=...; Path=/; Expires=DATE; HttpOnly; Secure; SameSite=Strict'
    expect(ours.map((cookie) => cookie.replace(/Expires=[^;]+/, 'Expires=DATE'))).toEqual([kept, kept, cleared])
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-Http-refresh')
  })

  it('meets a provider that sets these cookies, and no others', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    await visitor.settled()
    const date = (cookie: string) => cookie.replace(/expires=[^;]+/, 'expires=DATE').replace(/\/[\w-]{20,}/, '/ID')
    const theirs = new Set(visitor.cookies.filter((cookie) => cookie.startsWith('idp_')).map(date))
    const attributes = {
      idp_interaction: 'path=/interaction/ID; expires=DATE; samesite=lax; secure; httponly',
      idp_resume: 'path=/auth/ID; expires=DATE; samesite=lax; secure; httponly',
      idp_session: 'path=/; samesite=none; secure; httponly; expires=DATE',
    }
    const expected = Object.entries(attributes).flatMap(([name, value]) => [
      `${name}=...; ${value}`,
      `${name}.sig=...; ${value}`,
    ])
    expect([...theirs].sort()).toEqual(expected.sort())
  })

  it('keeps the refresh cookie to one host', async () => {
    const visitor = await stage.newVisitor()
    await signIn(visitor.page, stage.world.origins.app)
    const [cookie] = (await visitor.context.cookies()).filter(({ name }) => name === '__Host-Http-refresh')
    // Without a leading dot: no Domain attribute, so no other host of the site receives it.
    expect(cookie).toMatchObject({
      domain: 'auth.a.localhost',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    })
  })

  it('keeps the user signed in over a reload, with another access token', async () => {
    const { app, api } = stage.world.origins
    const { page } = await stage.newVisitor()
    const visas = watchVisas(page, api)
    await signIn(page, app)
    await press(page, 'Show the visa')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await press(page, 'Show the visa')
    expect(new Set(visas).size).toBe(2)
  })

  it('keeps the user signed in over a closed and reopened tab', async () => {
    const { app, idp } = stage.world.origins
    const { page, context } = await stage.newVisitor()
    await signIn(page, app)
    await page.close()
    const reopened = await context.newPage()
    const provider: string[] = []
    reopened.on('request', (request) => {
      if (request.url().startsWith(`${idp}/auth`)) provider.push(request.url())
    })
    await reopened.goto(app)
    await reopened.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(await press(reopened, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    expect(provider).toEqual([])
  })

  it('renews before a call when its own clock says that the access token has ended', async () => {
    const { app, api } = stage.world.origins
    const { page } = await stage.newVisitor()
    const visas = watchVisas(page, api)
    await page.clock.install()
    await signIn(page, app)
    await press(page, 'Show the visa')
    await page.clock.fastForward(59_000)
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    expect(new Set(visas).size).toBe(2)
  })

  it('gets 401 and the reason for the ID token, and the page may read the challenge', async () => {
    const { app, api } = stage.world.origins
    const { page } = await stage.newVisitor()
    await signIn(page, app)
    const refused = page.waitForResponse((response) => response.url() === `${api}/orders` && response.status() === 401)
    expect(await press(page, 'Show the passport')).toEqual({
      stamp: '401 turned back',
      code: 'id_token_presented',
      text: expect.stringContaining('An ID token was presented. Send an access token issued for this API.') as string,
    })
    const headers = await (await refused).allHeaders()
    expect(headers['access-control-expose-headers']).toBe('WWW-Authenticate')
    expect(headers['access-control-allow-origin']).toBe(app)
  })

  it('signs out here, in the other tab and at the provider', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    const { app, auth } = stage.world.origins
    await signIn(page, app)
    const other = await context.newPage()
    await other.goto(app)
    await other.getByRole('button', { name: 'Sign out' }).waitFor()
    const old = await cookieValue(visitor, '__Host-Http-refresh')
    await signOut(page)
    await other.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign in as Ada' }).waitFor()
    // The refresh token was revoked, not only forgotten.
    const headers = {
      cookie: `__Host-Http-refresh=${old ?? ''}`,
      origin: app,
      'sec-fetch-site': 'same-site',
      'x-csrf': '1',
    }
    const answer = await loopbackFetch(`${auth}/session/refresh`, { method: 'POST', headers })
    expect(answer.status).toBe(401)
  })
})

describeInBrowser('an access token that lives for three seconds', () => {
  const stage = setStage({ accessTokenSeconds: 3 })

  it('ends, and the user does not notice', async () => {
    const { app, api } = stage.world.origins
    const { page } = await stage.newVisitor()
    const visas = watchVisas(page, api)
    await signIn(page, app)
    await press(page, 'Show the visa')
    const authorization = `Bearer ${visas[0] ?? ''}`
    const status = async () => (await loopbackFetch(`${api}/orders`, { headers: { authorization } })).status
    for (let answer = await status(); answer !== 401; answer = await status()) expect(answer).toBe(200)
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    expect(new Set(visas).size).toBe(2)
  })
})
