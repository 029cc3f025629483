import type { Page } from 'playwright-core'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { cookieValue, describeInBrowser, setStage, type Visitor } from './harness.js'

// What SameSite does not stop: siblings, which is to say other hosts of the same site.
describeInBrowser('a sibling', () => {
  const stage = setStage()

  /** Every way there is to plant a cookie for the siblings of the page's host. */
  async function plant(sibling: Page, name: string, value: string): Promise<void> {
    const lines = ['/', '/session', '/session/refresh', '/me', '/api/orders'].flatMap((path) =>
      [`${name}=${value}`, `=${name}=${value}`, ` ${name}=${value}`, `\u00a0${name}=${value}`].map(
        (start) => `${start}; Domain=a.localhost; Path=${path}; Secure`,
      ),
    )
    await sibling.evaluate(`for (const line of ${JSON.stringify(lines)}) document.cookie = line`)
    // The second is kept as another name. A parser that trims what JavaScript calls white space would take it for the first.
    for (const start of ['', '\u00a0']) {
      const form = JSON.stringify({ name: `${start}${name}`, value })
      await sibling.evaluate(`fetch('/plant', { method: 'POST', body: new URLSearchParams(${form}) })`)
    }
  }

  async function nameAndValueOfOurs(visitor: Visitor, host: string): Promise<readonly [string, string]> {
    const ours = (await visitor.context.cookies()).find(({ domain }) => domain === host)
    return [ours?.name ?? '', ours?.value ?? '']
  }

  it('can plant no cookie by which the page is signed in as somebody else, or cannot stay signed in', async () => {
    const { app, careless } = stage.world.origins
    const attacker = await stage.newVisitor()
    await signIn(attacker.page, app)
    const [name, theirs] = await nameAndValueOfOurs(attacker, 'auth.a.localhost')
    const victim = await stage.newVisitor()
    await signIn(victim.page, app)
    const sibling = await victim.context.newPage()
    await sibling.goto(careless)
    for (const value of [theirs, 'rubbish']) {
      await plant(sibling, name, value)
      const asked = victim.page.waitForRequest((request) => request.url().endsWith('/session/refresh'))
      await victim.page.reload()
      const { cookie = '' } = await (await asked).allHeaders()
      // Under that very name there is ours, once. Others only look like it.
      const own = cookie.split('; ').filter((pair) => pair.startsWith(`${name}=`))
      expect(own).toEqual([expect.not.stringContaining(value)])
      await victim.page.getByText('Signed in as ada.').waitFor()
    }
    // And the sibling does set cookies for the whole site, of other names.
    await plant(sibling, 'plain', 'theirs')
    expect((await victim.context.cookies(app)).map((cookie) => cookie.name)).toContain('plain')
  })

  it('can plant no session at the guide', async () => {
    const { bff, careless } = stage.world.origins
    const attacker = await stage.newVisitor()
    await signIn(attacker.page, bff)
    const [name, theirs] = await nameAndValueOfOurs(attacker, 'bff.a.localhost')
    const victim = await stage.newVisitor()
    const sibling = await victim.context.newPage()
    await sibling.goto(careless)
    await plant(sibling, name, theirs)
    await victim.page.goto(bff)
    await victim.page.getByText('Nobody is signed in.').waitFor()
    await signIn(victim.page, bff)
    expect(await nameAndValueOfOurs(victim, 'bff.a.localhost')).toEqual([name, expect.not.stringContaining(theirs)])
    expect(await press(victim.page, 'With the visa')).toMatchObject({ stamp: '200 let in' })
  })

  it('shows on its page what the browser refuses, and what it does not', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(stage.world.origins.careless)
    const { stamp, text } = await press(page, 'Plant a cookie')
    expect(stamp).toBe('Refused by name')
    expect(text).toContain('planted: planted, for every host of the site.')
    expect(text).toContain('__Host-Http-refresh: the browser refused.')
    expect(text).toContain('__Host-Http-session: the browser refused.')
  })

  it('signs nobody out by an image, a frame, a form or a script, and signs nobody in', async () => {
    const visitor = await stage.newVisitor()
    const { page, context } = visitor
    const { app, auth, bff, careless } = stage.world.origins
    await signIn(page, bff)
    const inMemory = await context.newPage()
    await signIn(inMemory, app)
    const before = await cookieValue(visitor, '__Host-Http-session')
    const sibling = await context.newPage()
    await sibling.goto(careless)
    await press(sibling, 'Sign out by <img>')
    await sibling.evaluate(`Promise.all([
      ...['POST', 'GET'].flatMap((method) => ['sign-in', 'sign-out'].map((path) =>
        fetch('${bff}/' + path, { method, mode: 'no-cors', credentials: 'include' }).catch(() => 0))),
      fetch('${auth}/session', { method: 'DELETE', credentials: 'include', headers: { 'x-csrf': '1' } }).catch(() => 0),
      fetch('${auth}/session/refresh', { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => 0),
    ])`)
    for (const path of ['sign-in', 'sign-out']) {
      const form = await context.newPage()
      await form.goto(careless)
      const answered = form.waitForResponse(`${bff}/${path}`)
      await form.evaluate(`{
        const form = Object.assign(document.createElement('form'), { method: 'post', action: '${bff}/${path}' })
        document.body.append(form)
        form.submit()
      }`)
      expect((await answered).status()).toBe(403)
    }
    expect(await cookieValue(visitor, '__Host-Http-session')).toBe(before)
    expect(await press(page, 'With the visa')).toMatchObject({ stamp: '200 let in' })
    await inMemory.reload()
    expect(await press(inMemory, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
  })

  it('can keep the browser from the guide by too many cookies: that is not curable there', async () => {
    const { page, context } = await stage.newVisitor()
    const { bff, careless } = stage.world.origins
    await page.goto(careless)
    await page.evaluate(`for (let n = 0; n < 20; n++) {
      document.cookie = 'bomb' + n + '=' + 'x'.repeat(3000) + '; Domain=a.localhost; Path=/me; Secure'
    }`)
    const victim = await context.newPage()
    const answered = victim.waitForResponse(`${bff}/me`)
    await victim.goto(bff)
    expect((await answered).status()).toBe(431)
    // It is not taken for a sign-out.
    await victim.getByText('Who is signed in cannot be told right now.').waitFor()
  })
})
