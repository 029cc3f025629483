import type { KoaContextWithOIDC } from 'oidc-provider'

/** Nothing that a request brought is ever part of these pages, but for the two places that say so. */
function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} - the passport office</title>
    <link rel="icon" href="/board/favicon.svg" />
    <link rel="stylesheet" href="/board/theme.css" />
    <link rel="stylesheet" href="/counter.css" />
  </head>
  <body>
    <main>
      <p class="office">The passport office <span>idp.b.localhost</span></p>
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`
}

/** @param action - The path of this interaction, which the router matched. */
export function signInPage(action: string): string {
  return page(
    'Who is travelling?',
    `<p>A real office would ask for a password or a passkey. This one believes you.</p>
     <form method="post" action="${encodeURI(action)}">
       <button autofocus name="account" value="ada">Sign in as Ada</button>
       <button class="quiet" name="account" value="bea">Sign in as Bea</button>
     </form>`,
  )
}

/** @param form - Made by oidc-provider, with its protection against forged requests in it. */
export function signOutPage(ctx: KoaContextWithOIDC, form: string): void {
  ctx.body = page(
    'Leave the passport office too?',
    `<p>Your app has signed you out. Here you are still known, and the next sign-in would ask nothing.</p>
     ${form}
     <button autofocus form="op.logoutForm" name="logout" value="yes">Sign out here too</button>
     <button class="quiet" form="op.logoutForm">Stay known here</button>`,
  )
}

export function farewellPage(ctx: KoaContextWithOIDC): void {
  ctx.body = page('Signed out', '<p>Nobody is signed in at the passport office.</p>')
}

export function errorPage(ctx: KoaContextWithOIDC): void {
  ctx.type = 'html'
  ctx.body = lostPage()
}

export function lostPage(): string {
  return page('That did not work', '<p>Go back to the app and sign in again.</p>')
}
