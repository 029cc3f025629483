import { Adding } from './adding.js'

/** Remembers one value for an object, for as long as there is the object. Frozen ones have room for it too. */
export interface Notes<Value> {
  get(object: object): Value | undefined
  set(object: object, value: Value): void
}

export function createNotes<Value>(): Notes<Value> {
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
