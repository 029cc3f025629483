/** What came in. */
export interface Asked {
  readonly method: string
  /** Absolute, on the issuer's origin. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** What goes out. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const NO_STORE = { 'Cache-Control': 'no-store' }

/** Answers with a JSON document that nobody may keep. */
export function json(document: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { ...NO_STORE, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(document),
  }
}

/** Says what is wrong, as RFC 6749 §5.2 has it. */
export function oauthError(error: string, description: string, status = 400): Answer {
  return json({ error, error_description: description }, status)
}

/** Answers with a text for people. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { ...NO_STORE, 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    body: `${text}\n`,
  }
}

/** Sends a browser on. */
export function redirect(to: URL): Answer {
  return { status: 303, headers: { ...NO_STORE, Location: to.href }, body: '' }
}

/** Looks a parameter up; an empty one is none (RFC 6749 §3.1). */
export type Form = (name: string) => string | undefined

/** Reads a form or a query: each name once (RFC 6749 §3.1), undefined where one comes twice. */
export function readForm(form: URLSearchParams): Form | undefined {
  const names = [...form.keys()]
  if (new Set(names).size < names.length) return undefined
  return (name) => {
    const value = form.get(name)
    return value === null || value === '' ? undefined : value
  }
}
