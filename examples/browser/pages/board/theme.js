// @ts-check

const KEY = 'theme'

/** @returns {'light' | 'dark' | undefined} */
function chosen() {
  const theme = localStorage.getItem(KEY)
  return theme === 'light' || theme === 'dark' ? theme : undefined
}

/** Light or dark as the system is, unless somebody chose: a choice is just what `localStorage` is for. */
export function applyTheme() {
  const theme = chosen()
  if (theme === undefined) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function switchTheme() {
  const now = chosen() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  localStorage.setItem(KEY, now === 'dark' ? 'light' : 'dark')
  applyTheme()
}
