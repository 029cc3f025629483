// A test that reaches beyond this machine fails: only loopback may be fetched.
const platformFetch = globalThis.fetch

globalThis.fetch = (input, init) => {
  const { hostname } = new URL(input instanceof Request ? input.url : input)
  if (hostname !== 'localhost' && hostname !== '127.0.0.1') {
    return Promise.reject(new TypeError(`A test tried to reach ${hostname}.`))
  }
  return platformFetch(input, init)
}
