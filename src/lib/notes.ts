import { Adding } from './adding.js'

/** Remembers one value for an object, for as long as there is the object. Frozen ones have room for it too. */
export interface Notes<Value> {
  get(object: object): Value | undefined
  set(object: object, value: Value): void
}

export function createNotes<Value>(): Notes<Value> {
  if (!hasRoomInFrozen()) return new WeakMap<object, Value>()
  class Note extends Adding {
    #value: Value

    private constructor(object: object, value: Value) {
      super(object)
      this.#value = value
    }

    static get(object: object): Value | undefined {
      return #value in object ? object.#value : undefined
    }

    static set(object: object, value: Value): void {
      if (#value in object) object.#value = value
      else new Note(object, value)
    }
  }
  return Note
}

/**
 * Tells whether private fields can be added to what is frozen. Engines are about to end that: V8 has it behind
 * `--js-nonextensible-applies-to-private`.
 */
function hasRoomInFrozen(): boolean {
  class Probe extends Adding {
    readonly #isThere = true

    static isIn(object: object): boolean {
      return #isThere in object
    }
  }
  const frozen = Object.freeze({})
  try {
    new Probe(frozen)
  } catch {
    return false
  }
  return Probe.isIn(frozen)
}
