type Fetch = typeof globalThis.fetch

/**
 * Makes a user's `fetch` reject when its signal aborts, also where it ignores it: the SDK keeps a timer for each
 * request until `fetch` settles, and that timer would keep the process alive.
 */
export function abortableFetch(fetch: Fetch): Fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const signal = init?.signal
      const onAbort = (): void => {
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const forget = (): void => signal?.removeEventListener('abort', onAbort)
      fetch(input, init).then(resolve, reject).finally(forget)
    })
}
