// @ts-check
import { el } from '/board/dom.js'
import { prepareSignIn } from '/spa/sign-in.js'

const PATIENCE_MILLISECONDS = 5000

/**
 * Asks the provider for a code in a hidden frame, as single-page apps did for years. The frame stands on our site, so
 * the provider's cookie is a third-party cookie in it, and browsers that block those do not send it: the provider sees
 * a stranger and answers `login_required`, whoever is signed in there.
 *
 * @param {{ clientId: string; redirectUri: string }} client
 * @returns {Promise<string>} The error that the provider answered, or `''` for a code.
 */
export async function askInHiddenFrame(client) {
  const { url } = await prepareSignIn(client, { silently: true })
  const frame = el('iframe', { src: url, hidden: '', title: 'The passport office, hidden' })
  const done = new AbortController()
  try {
    return await new Promise((resolve) => {
      addEventListener(
        'message',
        ({ source, origin, data }) => {
          if (source !== frame.contentWindow || origin !== location.origin) return
          resolve(new URLSearchParams(String(data)).get('error') ?? '')
        },
        done,
      )
      setTimeout(() => {
        resolve('no_answer')
      }, PATIENCE_MILLISECONDS)
      document.body.append(frame)
    })
  } finally {
    done.abort()
    frame.remove()
  }
}
