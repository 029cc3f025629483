// @ts-check
import { origins } from '/board/origins.js'
import { drawTop } from '/board/top.js'

document.body.prepend(...drawTop('/questions/'))

// Which port the others live at, a file does not know.
for (const link of document.querySelectorAll('a')) {
  const { role, path = '/' } = link.dataset
  const found = Object.entries(origins).find(([name]) => name === role)
  if (found !== undefined) link.href = `${found[1]}${path}`
}
