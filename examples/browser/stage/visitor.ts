import type { Page } from 'playwright-core'

/** What the board shows after a button was pressed. */
export interface Seen {
  readonly stamp: string
  readonly code: string
  readonly text: string
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Opens a page of the board, signs in where it asks, and waits until it says so. */
export async function signIn(page: Page, url: string, user: 'Ada' | 'Bea' = 'Ada'): Promise<void> {
  await page.goto(url)
  await button(page, 'Sign in').click()
  await pressAtPassportOffice(page, `Sign in as ${user}`)
  await button(page, 'Sign out').waitFor()
}

/** Signs out here and at the provider. */
export async function signOut(page: Page): Promise<void> {
  await button(page, 'Sign out').click()
  await button(page, 'Sign out here too').click()
  await button(page, 'Sign in').waitFor()
}

/** The provider asks who it does not know, and lets pass whom it does. */
async function pressAtPassportOffice(page: Page, name: string): Promise<void> {
  const asked = button(page, name)
  await asked.or(button(page, 'Sign out')).waitFor()
  if (await asked.isVisible()) await asked.click()
}

/** Presses a button of the board and answers what the board then says. */
export async function press(page: Page, name: string): Promise<Seen> {
  // Takes away the answer that is there, so that the next one is told from it.
  await page.evaluate("document.getElementById('answer').replaceChildren('waiting')")
  // The term stands in the same button.
  await page.getByRole('button', { name }).click()
  const answer = page.locator('#answer')
  const [stamp = '', code = ''] = (await answer.locator('.stamp').innerText()).split('\n')
  return { stamp, code, text: await answer.innerText() }
}
