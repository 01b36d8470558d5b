/** Calls something that returns at once, and keeps the warnings it prints to itself. */
export function withoutWarnings<T>(call: () => T): T {
  const { console } = globalThis
  const { warn } = console
  console.warn = () => undefined
  try {
    return call()
  } finally {
    console.warn = warn
  }
}
