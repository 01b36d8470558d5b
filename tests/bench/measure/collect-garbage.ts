/** Runs the garbage collector; does nothing without `--expose-gc`. */
export function collectGarbage(): void {
  globalThis.gc?.()
}

/** Returns the bytes of the heap that live objects take. */
export function liveBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
