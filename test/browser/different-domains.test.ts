import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium, launchOptions } from '../../examples/browser/stage/chromium.js'
import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { describeInBrowser, readable, setStage, TOKEN, watch, watchVisas } from './harness.js'

// Point 3 of the story: the app on one site, the provider on another.
describeInBrowser('an app whose provider is on another site', () => {
  const stage = setStage({}, true)

  it('fails to renew in a hidden frame, since the cookie of the provider is a third-party cookie there', async () => {
    const { app, idp } = stage.world.origins
    const { page, context } = await stage.newVisitor()
    await signIn(page, `${app}/redirect/`)
    const sent: string[] = []
    context.on('request', (request) => {
      if (!request.url().startsWith(`${idp}/auth`)) return
      void request.allHeaders().then(({ cookie = '' }) => sent.push(cookie))
    })
    expect(await press(page, 'Ask in a hidden frame')).toMatchObject({ stamp: 'A stranger', code: 'login_required' })
    expect(sent).toEqual([''])
    // The provider does know the user: with the page on its own ground it answers.
    expect((await context.cookies(idp)).map(({ name }) => name)).toContain('idp_session')
  })

  it('gets a code in that frame from a browser that is told to send third-party cookies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'third-party-cookies-'))
    await mkdir(join(folder, 'Default'))
    const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }
    await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
    const executablePath = findChromium() ?? ''
    const context = await chromium.launchPersistentContext(folder, { ...launchOptions, executablePath })
    try {
      const { page } = await watch(context)
      await signIn(page, `${stage.world.origins.app}/redirect/`)
      expect(await press(page, 'Ask in a hidden frame')).toMatchObject({ stamp: 'A code' })
    } finally {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('gets a new visa by a top-level redirect, without asking the user', async () => {
    const { app, api, idp } = stage.world.origins
    const { page } = await stage.newVisitor()
    const visas = watchVisas(page, api)
    const asked: URL[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(`${idp}/auth?`)) asked.push(new URL(request.url()))
    })
    await signIn(page, `${app}/redirect/`)
    await press(page, 'Show the visa')
    asked.length = 0
    const back = page.waitForURL(`${app}/redirect/?*`)
    await page.getByRole('button', { name: 'Walk over and back' }).click()
    await back
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    expect(asked.map(({ searchParams }) => searchParams.get('prompt'))).toEqual(['none'])
    expect(new Set(visas).size).toBe(2)
  })

  it('stays signed in over a reload that way, and holds no refresh token', async () => {
    const visitor = await stage.newVisitor()
    const { page } = visitor
    await signIn(page, `${stage.world.origins.app}/redirect/`)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await visitor.settled()
    expect(visitor.answers.some((answer) => answer.includes('"refresh_token":"'))).toBe(false)
    expect(await readable(page)).not.toMatch(TOKEN)
    const cookies = await visitor.context.cookies()
    expect(cookies.filter(({ domain }) => domain.endsWith('a.localhost'))).toEqual([])
  })

  it('shows that a stolen code is worth nothing without the verifier, and everything with it', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, `${stage.world.origins.app}/redirect/`)
    await page.getByRole('button', { name: 'Have the next code stolen' }).click()
    await page.getByText('The thief got nothing').waitFor()
    expect(await page.locator('.findings li').allInnerTexts()).toEqual([
      'The stolen code alone: 400 invalid_grant',
      'With a verifier that the thief made up: 400 invalid_grant',
      'With the verifier of this page: 200. You are signed in.',
    ])
    // The very same code, a moment later, from who began.
    expect(await press(page, 'Show the visa')).toMatchObject({ stamp: '200 let in' })
    await page.reload()
    await page.getByText('Signed in as ada.').waitFor()
    expect(await page.getByText('The thief got nothing').count()).toBe(0)
  })

  it('says on the page why the frame fails, and shows the three answers side by side', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(`${stage.world.origins.app}/redirect/`)
    await page.getByText("needs the provider's cookie on your site, a third-party cookie").waitFor()
    const rows = await page.getByRole('rowheader').allInnerTexts()
    expect(rows).toEqual(["A server on the app's own site", 'Top-level redirect', 'BFF (guide)'])
  })
})
