/**
 * Makes an iteration of a record store: what `make` throws is what its first `next` rejects with. Check the arguments, copy
 * what the caller may change, and begin what begins with the call inside of `make`.
 */
export function checkedIteration<R>(make: () => AsyncIterable<R>): AsyncIterable<R> {
  try {
    return make()
  } catch (error) {
    return refused(error)
  }
}

async function* refused(error: unknown): AsyncGenerator<never, void, undefined> {
  await Promise.reject(error)
  yield* []
}
