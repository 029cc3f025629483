import { press, signIn } from '../../examples/browser/stage/visitor.js'
import { describeInBrowser, readable, setStage, TOKEN } from './harness.js'

// Point 5 of the story: the same app with its token where every script finds it, and what one line of script takes where.
describe.each([
  ['localStorage', 'In localStorage'],
  ['sessionStorage', 'In sessionStorage'],
])('the careless app with its tokens in %s', (storage, name) => {
  describeInBrowser('before one line of script', () => {
    // A world for each: the thief tells everybody what he did, and nobody shall take the one for the other.
    const stage = setStage()

    it('loses visa and renewal, and both work for the thief', async () => {
      const { careless, evil } = stage.world.origins
      const { page } = await stage.newVisitor()
      await signIn(page, careless)
      await press(page, name)
      expect(await page.evaluate<string>(`${storage}.getItem('tokens')`)).toMatch(TOKEN)
      const loot = page.waitForRequest(`${evil}/loot`)
      await press(page, 'Write into the guest book')
      const carried = (await loot).postData() ?? ''
      expect(carried).toMatch(TOKEN)
      expect(carried).toContain('refresh_token')
      await page.getByText('With the stolen visa: 200.').waitFor()
      await page.getByText('With the stolen renewal: 200.').waitFor()
    })
  })
})

describeInBrowser('the careless app', () => {
  const stage = setStage()

  it('is marked as what not to do', async () => {
    const { page } = await stage.newVisitor()
    await page.goto(stage.world.origins.careless)
    await page.getByRole('heading', { level: 1, name: /^What not to do/ }).waitFor()
    expect(await page.title()).toMatch(/^What not to do/)
  })

  it('is the only page of them all that runs inline script', async () => {
    const { page } = await stage.newVisitor()
    const { careless, ...others } = stage.world.origins
    const policyOf = async (url: string) => (await (await page.goto(url))?.allHeaders())?.['content-security-policy']
    expect(await policyOf(careless)).toBeUndefined()
    for (const origin of [others.app, `${others.app}/redirect/`, others.bff, others.evil]) {
      expect(await policyOf(origin)).toMatch(/^default-src 'none';script-src 'self';/)
    }
    await page.goto(others.app)
    const counter = page.waitForResponse((response) => response.url().startsWith(`${others.idp}/interaction/`))
    await page.getByRole('button', { name: 'Sign in' }).click()
    const policy = (await (await counter).allHeaders())['content-security-policy']
    expect(policy).toMatch(/^default-src 'none';script-src 'self';/)
  })
})

describeInBrowser('the same line of script elsewhere', () => {
  const stage = setStage()
  const line = 'JSON.stringify([localStorage, sessionStorage, document.cookie])'

  it('finds nothing in the in-memory mode, and an insider gets one visa that soon ends', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.app)
    expect(await page.evaluate<string>(line)).not.toMatch(TOKEN)
    const { text } = await press(page, 'Inject a script')
    expect(text).toContain('As text: it never became HTML')
    expect(text).toContain('The one line: the browser did not send it')
    expect(text).toContain('The line would have carried: no token.')
    expect(text).toMatch(/By asking the renewal desk: one visa, good for 60 s\. No renewal\./)
  })

  it('finds nothing in the BFF mode, and an insider gets no token, but can act as the user', async () => {
    const { page } = await stage.newVisitor()
    await signIn(page, stage.world.origins.bff)
    expect(await page.evaluate<string>(line)).not.toMatch(TOKEN)
    const { text } = await press(page, 'Inject a script')
    expect(text).toContain('As text: it never became HTML')
    expect(text).toContain('The one line: the browser did not send it')
    expect(text).toContain('The line would have carried: no token.')
    expect(text).toContain('By asking the guide: no token.')
    expect(text).toContain('By asking the guide for the orders: the orders. While this page is open, it acts as you.')
  })

  it('is told about honestly in each mode', async () => {
    const { page } = await stage.newVisitor()
    const { app, bff, careless } = stage.world.origins
    for (const origin of [app, `${app}/redirect/`, bff, careless]) {
      await page.goto(origin)
      const panel = page.locator('.honest')
      await panel.getByRole('heading', { name: 'What injected script can still do here' }).waitFor()
      expect(await panel.getByRole('listitem').count()).toBeGreaterThanOrEqual(2)
    }
    expect(await readable(page)).not.toMatch(TOKEN)
  })
})
