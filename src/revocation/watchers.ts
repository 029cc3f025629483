import type { Marks } from './marks.js'

interface Watcher {
  readonly marks: Marks
  readonly callback: () => void
}

/** Who wants to hear when something is taken back, by what it can be taken back by. */
export interface Watchers {
  /** Calls back once, when a mark of these has become one for which `isTaken` holds. Returns what cancels it. */
  readonly add: (marks: Marks, callback: () => void) => () => void
  /** Says that something about a mark is new. */
  readonly notice: (mark: string) => void
}

/** Creates the list of those who wait: what is new costs no look at those whom it does not concern. */
export function createWatchers(isTaken: (marks: Marks) => boolean): Watchers {
  const byMark = new Map<string, Set<Watcher>>()
  const namesOf = ({ own, subject }: Marks): readonly string[] => (subject === undefined ? own : [...own, subject])
  const remove = (watcher: Watcher): boolean => {
    let wasThere = false
    for (const mark of namesOf(watcher.marks)) {
      const watchers = byMark.get(mark)
      if (watchers?.delete(watcher) === true) wasThere = true
      if (watchers?.size === 0) byMark.delete(mark)
    }
    return wasThere
  }
  /** In a turn of its own: who takes something back is not who ends connections, and one that throws keeps nobody from it. */
  const call = (watcher: Watcher): void => {
    queueMicrotask(() => {
      if (remove(watcher)) watcher.callback()
    })
  }
  return {
    add(marks, callback) {
      const watcher = { marks, callback }
      for (const mark of namesOf(marks)) byMark.set(mark, (byMark.get(mark) ?? new Set<Watcher>()).add(watcher))
      if (isTaken(marks)) call(watcher)
      return () => void remove(watcher)
    },
    notice(mark) {
      for (const watcher of byMark.get(mark) ?? []) if (isTaken(watcher.marks)) call(watcher)
    },
  }
}
