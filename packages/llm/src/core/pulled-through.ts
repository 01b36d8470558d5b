/** Takes bytes that are whole. */
export type Pass = (whole: Uint8Array) => void

/** Holds back what is not whole yet of a stream of bytes. */
export interface Sieve {
  /** Takes what came, and passes on what is whole by it. What it throws ends the stream, after what was passed on. */
  take(bytes: Uint8Array, pass: Pass): void
  /** Passes on what is left at the end. */
  rest(pass: Pass): void
}

/** Is a body that is pulled through a sieve. */
export interface PulledThrough {
  readonly stream: ReadableStream<Uint8Array>
  /** Reads the body to its end, for nobody: only then can its connection serve the next request. */
  drain(): Promise<void>
}

/**
 * Has a body pulled through a sieve. One stream that pulls costs a call a quarter of what a transformation, which is two and a
 * pipe, would.
 */
export function pulledThrough(body: ReadableStream<Uint8Array>, sieve: Sieve): PulledThrough {
  const reader = body.getReader()
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let isFed = false
    const pass: Pass = (whole) => {
      isFed = true
      controller.enqueue(whole)
    }
    while (!isFed) {
      const { done, value } = await reader.read()
      if (!done) sieve.take(value, pass)
      else {
        sieve.rest(pass)
        return controller.close()
      }
    }
  }
  const stream = new ReadableStream(
    {
      async pull(controller) {
        try {
          await pull(controller)
        } catch (error) {
          reader.cancel(error).catch(() => undefined)
          throw error
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  const drain = async (): Promise<void> => {
    while (!(await reader.read()).done);
  }
  return { stream, drain }
}
