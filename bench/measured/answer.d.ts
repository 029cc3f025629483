export function answer(handlers: Readonly<Record<string, (payload: never) => unknown>>): void
export function cpuMicroseconds(): number
