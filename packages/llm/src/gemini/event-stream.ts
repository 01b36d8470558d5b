import { checkAnswered, checkPrompt } from './answer-refusal.js'
import { readGenerated } from './generated.js'

/**
 * Waits for the first event of a stream, so that what is refused in it is refused before anything of the answer.
 *
 * @param events - as the SDK hands them out
 * @param translate - turns what the SDK throws into our errors
 * @returns the same events, the first included
 * @throws AiosError `AIOS_LLM_CONTENT_FILTER` if the prompt was refused; AnswerRefusal for any other error of the provider
 */
export async function begunStream(
  events: AsyncIterable<unknown>,
  translate: (error: unknown) => unknown,
): Promise<AsyncIterable<unknown>> {
  const iterator = events[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<unknown>> => {
    try {
      const result = await iterator.next()
      if (result.done !== true) checkAnswered(result.value)
      return result
    } catch (error) {
      throw translate(error)
    }
  }
  const first = await next()
  if (first.done !== true) checkPrompt(readGenerated(first.value))
  let isFirst = true
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        if (!isFirst) return next()
        isFirst = false
        return Promise.resolve(first)
      },
    }),
  }
}
