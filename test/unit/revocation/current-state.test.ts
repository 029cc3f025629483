import { followStore } from '../../../src/revocation/current-state.js'
import { createMemoryStore } from '../../../src/stores/memory-store.js'
import type { KeepingStore } from '../../../src/stores/store.js'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Follows a store whose messages get lost without a word, by timers that are run by hand. */
function follow(store: KeepingStore) {
  const known = new Set<string>()
  const changes: boolean[] = []
  let time = 1000
  let timer: { readonly callback: () => void; readonly milliseconds: number } | undefined
  const state = followStore({
    store: {
      ...store,
      subscribe: (channel, { lost, current }) => store.subscribe(channel, { lost, current, message: () => undefined }),
    },
    channel: 'c',
    staleSeconds: 30,
    rereadSeconds: 60,
    now: () => time,
    take: (message) => Boolean(known.add(message)),
    afterRead: () => Promise.resolve(),
    changed: (isCurrent) => changes.push(isCurrent),
    schedule(callback, milliseconds) {
      timer = { callback, milliseconds }
      return () => (timer = undefined)
    },
  })
  return {
    state,
    known,
    changes,
    later: (seconds: number) => (time += seconds),
    waits: () => timer?.milliseconds,
    async run() {
      const { callback } = timer ?? { callback: () => undefined }
      timer = undefined
      callback()
      await settled()
    },
  }
}

it('reads all anew now and then: what was lost without a word is made up for', async () => {
  const store = createMemoryStore()
  const followed = follow(store)
  const { state, known, waits, changes } = followed
  await settled()
  expect([state.isCurrent(), waits()]).toEqual([true, 60_000])
  await store.keep('c', 'm', 100)
  await settled()
  expect([...known]).toEqual([])
  await followed.run()
  expect([[...known], waits(), changes]).toEqual([['m'], 60_000, [true]])
  state.close()
  expect(waits()).toBeUndefined()
})

it('counts from a reading that fails, and reads again soon', async () => {
  let fails = false
  const memory = createMemoryStore()
  const kept: KeepingStore['kept'] = (channel) => {
    if (fails) throw new Error('the store is down')
    return memory.kept(channel)
  }
  const followed = follow({ ...memory, kept })
  const { state, waits, later, changes } = followed
  await settled()
  fails = true
  await followed.run()
  expect([state.isCurrent(), waits(), changes]).toEqual([true, 500, [true, false]])
  later(29)
  expect(state.isCurrent()).toBe(true)
  later(2)
  expect(state.isCurrent()).toBe(false)
  fails = false
  await followed.run()
  expect([state.isCurrent(), waits()]).toEqual([true, 60_000])
  state.close()
})
