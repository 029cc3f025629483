import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/** Keeps the state of one provider in this process, and forgets it when the process ends. */
export function createMemoryAdapter(): AdapterFactory {
  const entries = new Map<string, AdapterPayload>()
  return (model) => new MemoryAdapter(model, entries)
}

class MemoryAdapter implements Adapter {
  readonly #model: string
  readonly #entries: Map<string, AdapterPayload>

  constructor(model: string, entries: Map<string, AdapterPayload>) {
    this.#model = model
    this.#entries = entries
  }

  #key(id: string): string {
    return `${this.#model}:${id}`
  }

  upsert(id: string, payload: AdapterPayload) {
    this.#entries.set(this.#key(id), payload)
    return Promise.resolve()
  }

  find(id: string) {
    return Promise.resolve(this.#entries.get(this.#key(id)))
  }

  findByUid(uid: string) {
    return Promise.resolve([...this.#entries.values()].find((payload) => payload.uid === uid))
  }

  findByUserCode() {
    return Promise.resolve(undefined)
  }

  consume(id: string) {
    const payload = this.#entries.get(this.#key(id))
    if (payload !== undefined) payload.consumed = true
    return Promise.resolve()
  }

  destroy(id: string) {
    this.#entries.delete(this.#key(id))
    return Promise.resolve()
  }

  revokeByGrantId(grantId: string) {
    for (const [key, payload] of this.#entries) if (payload.grantId === grantId) this.#entries.delete(key)
    return Promise.resolve()
  }
}
