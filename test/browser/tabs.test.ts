import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { describeInBrowser, readable, setStage } from './harness.js'

// Several tabs, several APIs, links from elsewhere, and time.
describeInBrowser('a browser with several tabs', () => {
  const stage = setStage()

  it.each(['app', 'bff'] as const)('signs in to %s in two of them at once', async (mode) => {
    const { page, context } = await stage.newVisitor()
    const origin = stage.world.origins[mode]
    const other = await context.newPage()
    for (const tab of [page, other]) {
      await tab.goto(origin)
      await tab.getByRole('button', { name: 'Sign in' }).click()
      await tab.getByRole('button', { name: 'Sign in as Ada' }).waitFor()
    }
    for (const tab of [page, other]) {
      await tab.getByRole('button', { name: 'Sign in as Ada' }).click()
      await tab.getByText('Signed in as ada.').waitFor()
    }
    const visa = mode === 'app' ? 'Show the visa' : 'With the visa'
    for (const tab of [page, other]) expect(await press(tab, visa)).toMatchObject({ stamp: '200 let in' })
  })

  it.each(['app', 'bff'] as const)('draws %s in the seventh, too, and in the eighth', async (mode) => {
    const { context } = await stage.newVisitor()
    for (let tabs = 0; tabs < 8; tabs++) {
      const tab = await context.newPage()
      await tab.goto(stage.world.origins[mode], { waitUntil: 'commit' })
      await tab.getByText('Nobody is signed in.').waitFor()
    }
  })

  it('renews once for five calls at once', async () => {
    const { page, context } = await stage.newVisitor()
    const { app, auth } = stage.world.origins
    await context.clock.install()
    await signIn(page, app)
    await page.clock.fastForward(61_000)
    let renewals = 0
    page.on('request', (request) => {
      if (request.url() === `${auth}/session/refresh` && request.method() === 'POST') renewals += 1
    })
    const statuses = await page.evaluate<number[]>(
      "import('/visa.js').then(({ call }) => Promise.all([1, 2, 3, 4, 5].map(() => call()))).then((all) => all.map(({ status }) => status))",
    )
    expect(statuses).toEqual([200, 200, 200, 200, 200])
    expect(renewals).toBe(1)
  })

  it('renews once for calls that the API refuses, as well', async () => {
    const { page } = await stage.newVisitor()
    const { app, api, auth } = stage.world.origins
    await signIn(page, app)
    let renewals = 0
    page.on('request', (request) => {
      if (request.url() === `${auth}/session/refresh` && request.method() === 'POST') renewals += 1
    })
    const first = new Set<string>()
    await page.route(`${api}/orders`, async (route) => {
      const { authorization = '' } = route.request().headers()
      if (first.size === 0) first.add(authorization)
      if (!first.has(authorization)) await route.continue()
      else await route.fulfill({ status: 401, headers: { 'access-control-allow-origin': app }, json: {} })
    })
    const statuses = await page.evaluate<number[]>(
      "import('/visa.js').then(({ call }) => Promise.all([1, 2, 3].map(() => call()))).then((all) => all.map(({ status }) => status))",
    )
    expect([statuses, renewals]).toEqual([[200, 200, 200], 1])
  })
})

describeInBrowser('an ID token', () => {
  const stage = setStage()
  afterEach(() => {
    stage.world.standIn('auth', undefined)
  })
  const encode = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')
  const name = 'Zo\u00eb \u611b\u9054'

  it.each([
    ['does not come with a refresh', undefined, 'Signed in as somebody.'],
    ['names somebody in letters beyond ASCII', `e30.${encode({ sub: name })}.x`, `Signed in as ${name}.`],
  ])('that %s does not keep the user from staying signed in', async (_what, idToken, text) => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    stage.world.standIn('auth', (honest) => (req, res) => {
      const end = res.end.bind(res) as (text?: string) => typeof res // the one of its signatures that is used here
      res.end = ((content?: Buffer) => {
        const answer = content?.toString() ?? ''
        if (!answer.includes('access_token')) return end(answer)
        const changed = JSON.stringify({ ...(JSON.parse(answer) as object), id_token: idToken })
        res.setHeader('content-length', Buffer.byteLength(changed))
        return end(changed)
      }) as typeof res.end
      honest(req, res)
    })
    await page.reload()
    await page.getByText(text).waitFor()
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
  })
})

describeInBrowser('a link from elsewhere', () => {
  const stage = setStage()

  it.each(['app', 'redirect', 'bff'] as const)('puts no words into the mouth of %s', async (mode) => {
    const { page } = await stage.newVisitor()
    const { app, bff } = stage.world.origins
    const origin = mode === 'bff' ? `${bff}/` : `${app}/${mode === 'redirect' ? 'redirect/' : ''}`
    const words = 'Your account is locked. Call +1 555 0100'
    for (const query of [`error=${words}`, `state=x&error=${words}&error_description=${words}`, 'error=constructor']) {
      await page.goto(`${origin}?${query}`)
      await page
        .getByText(/(Nobody|Signed) /)
        .first()
        .waitFor()
      expect(await page.locator('body').innerText()).not.toMatch(/locked|constructor/)
    }
  })

  it('with a state in it does not sign out whoever is signed in', async () => {
    const { page } = await stage.newVisitor()
    const { app } = stage.world.origins
    await signIn(page, app)
    await page.goto(`${app}/?state=x&code=y`)
    await page.getByText('Signed in as ada.').waitFor()
    expect(page.url()).toBe(`${app}/`)
  })

  it.each(['app', 'bff'] as const)('does not end a sign-in to %s that is under way', async (mode) => {
    const { page, context } = await stage.newVisitor()
    const { app, bff, evil } = stage.world.origins
    await page.goto(mode === 'app' ? app : bff)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const ask = page.getByRole('button', { name: 'Sign in as Ada' })
    await ask.waitFor()
    if (mode === 'app') {
      await page.goto(`${app}/?state=x`)
      await page.getByText('Nobody is signed in.').waitFor()
      await page.goBack({ waitUntil: 'commit' })
    } else {
      const other = await context.newPage()
      await other.goto(evil)
      await other.evaluate(`location.assign('${bff}/signed-in?state=x')`)
      await other.getByText('no_sign_in_under_way').waitFor()
    }
    await ask.click()
    await page.getByText('Signed in as ada.').waitFor()
  })
})

describeInBrowser('Trusted Types', () => {
  const stage = setStage()

  it('let no script make a policy of its own and text into HTML', async () => {
    const { page } = await stage.newVisitor()
    const { app, bff, evil } = stage.world.origins
    for (const url of [app, `${app}/redirect/`, bff, evil]) {
      await page.goto(url)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const tried = await page.evaluate<string>(`(() => {
        try {
          const policy = trustedTypes.createPolicy('mine', { createHTML: (text) => text })
          document.createElement('div').innerHTML = policy.createHTML('<b>x</b>')
          return 'it became HTML'
        } catch (error) { return error.name }
      })()`)
      expect([url, tried]).toEqual([url, 'TypeError'])
    }
  })
})

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describeInBrowser

describeWithRedis('a guide that is started anew', () => {
  let redis: RedisServer | undefined
  const options = { sessionSecret: 'the same before and after the restart' }
  const stage = setStage(async () => {
    redis = await startRedisServer(redisServer)
    return { ...options, redisUrl: redis.url }
  })
  afterAll(() => redis?.stop())

  it('with the same Redis and the same secret signs nobody out, and a sign-in under way goes on', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff } = stage.world.origins
    await signIn(page, bff)
    const other = await stage.newVisitor()
    await other.page.goto(bff)
    await other.page.getByRole('button', { name: 'Sign in' }).click()
    await other.page.getByRole('button', { name: 'Sign in as Ada' }).waitFor()
    await stage.world.restartGuide()
    await page.reload()
    expect(await press(page, 'With the visa')).toMatchObject({ stamp: '200 let in' })
    await other.page.getByRole('button', { name: 'Sign in as Ada' }).click()
    await other.page.getByText('Signed in as ada.').waitFor()
    expect(await readable(page)).toBe('[{},{},""]')
    expect((await context.cookies(bff)).map(({ name }) => name)).toEqual(['__Host-Http-session'])
  })
})
