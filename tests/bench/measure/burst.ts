import type { Contender } from './interleave.js'

/** Makes `size` calls at once and waits for all of them: the same harvest for every contender. */
export function burst(name: string, size: number, call: () => Promise<unknown>): Contender {
  return {
    name,
    async batch() {
      const calls: Promise<unknown>[] = new Array<Promise<unknown>>(size)
      for (let index = 0; index < size; index += 1) calls[index] = call()
      await Promise.all(calls)
      return size
    },
  }
}
