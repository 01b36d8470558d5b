import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { abortableFetch } from '../../../packages/llm/src/core/abortable-fetch.js'
import { failure } from './asking.js'

describe('abortableFetch', () => {
  it('passes on what the fetch answers and is asked', async () => {
    const asked: unknown[] = []
    const fetch = abortableFetch(async (...args) => {
      asked.push(...args)
      return new Response('hi')
    })
    expect(await (await fetch('http://x', { method: 'POST' })).text()).toBe('hi')
    expect(asked).toEqual(['http://x', { method: 'POST' }])
    expect(await (await fetch('http://x')).text()).toBe('hi')
  })

  it('passes on how the fetch fails', async () => {
    const error = new TypeError('fetch failed')
    expect(await failure(abortableFetch(() => Promise.reject(error))('http://x'))).toBe(error)
  })

  it('rejects at once when a fetch that ignores its signal is aborted, and lets go of the signal', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const never = abortableFetch(() => new Promise(() => undefined))('http://x', { signal })
    controller.abort('enough')
    expect(await failure<string>(never)).toBe('enough')
    const other = new AbortController().signal
    await abortableFetch(async () => new Response(''))('http://x', { signal: other })
    await Promise.resolve()
    expect(getEventListeners(other, 'abort')).toEqual([])
  })
})
