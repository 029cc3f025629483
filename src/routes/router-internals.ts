/** What Express 4 and 5 have in common inside, as far as the inventory of routes reads it. It changes none of it. */
export interface Layer {
  readonly name: string
  readonly handle: object
  /** Undefined for what stands in `use`. */
  readonly route?: Route | undefined
  /** Of a handler within a route; undefined for any. */
  readonly method?: string | undefined
  /** The path as it was written: Express 5.3 and later. */
  readonly rawPath?: unknown
  /** The path is `/`: Express 5. */
  readonly slash?: boolean | undefined
  /** Express 4. */
  readonly regexp?: (RegExp & { readonly fast_slash?: boolean }) | undefined
  readonly keys?: readonly unknown[] | undefined
}

export interface Route {
  readonly path: unknown
  readonly stack: readonly Layer[]
  readonly methods: Readonly<Record<string, boolean | undefined>>
}

export interface Router {
  readonly stack: readonly Layer[]
  readonly caseSensitive?: boolean | undefined
  /** The callbacks of `param`, by the names of parameters. */
  readonly params?: object | undefined
}

export function isRouter(value: object): value is Router {
  return typeof value === 'function' && 'stack' in value && Array.isArray(value.stack)
}

/** Express's own test of what is an app. */
export function isApp(value: unknown): value is object {
  return typeof value === 'function' && 'handle' in value && 'set' in value
}

/** The router of an app: there is none yet in an app of Express 4 in which nothing is registered. */
export function routerOf(app: object): Router | undefined {
  // In Express 4 `router` is a getter that throws.
  const router: unknown = 'lazyrouter' in app ? Reflect.get(app, '_router') : Reflect.get(app, 'router')
  return typeof router === 'function' && isRouter(router) ? router : undefined
}

/** The path of a layer that stands in `use`, from what Express has kept of it; `undefined` if that is too little. */
export function keptPathOf({ rawPath, slash, regexp, keys = [] }: Layer): unknown {
  if (rawPath !== undefined) return rawPath
  if (slash === true || regexp?.fast_slash === true) return '/'
  const literal = /^\^((?:\\\/[\w\-~]+)+)\\\/\?\(\?=\\\/\|\$\)$/.exec(regexp?.source ?? '')?.[1]
  return literal !== undefined && keys.length === 0 ? literal.replaceAll('\\/', '/') : undefined
}
