import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { Script } from '../../../packages/llm/src/testing/script.js'
import { failure } from '../core/asking.js'

const script = (steps: string[], repeat = false) =>
  new Script(steps, { core: 'main', repeat, timing: { latencyMs: 0, tokenMs: 0 } })

async function complaint(request: CoreRequest): Promise<string> {
  return (await failure(script([]).take(request)())).message
}

describe('Script', () => {
  it('takes steps in the order of requests, not of answers', async () => {
    const two = script(['a', 'b'])
    const [first, second] = [two.take({ messages: [] }), two.take({ messages: [] })]
    expect((await second()).tokens).toEqual(['b'])
    expect((await first()).tokens).toEqual(['a'])
  })

  it('does not change with the list it was made from', async () => {
    const steps = ['a']
    const one = script(steps)
    steps[0] = 'b'
    expect((await one.take({ messages: [] })()).tokens).toEqual(['a'])
  })

  it('describes whatever came too late', async () => {
    expect(await complaint({ messages: [] })).toContain('request 1 came: no message.')
    const output = { sum: 5 }
    const result = { type: 'tool-result' as const, id: '1', name: 'add', output }
    expect(await complaint({ messages: [{ role: 'tool', content: [result] }] })).toContain(
      'tool: "add → {"sum":5}" (message 1, tools: none)',
    )
    const file = { type: 'file' as const, mediaType: 'image/png', data: 'AA' }
    expect(await complaint({ messages: [{ role: 'user', content: [file] }] })).toContain('user: "[file]"')
    const long = await complaint({ messages: [{ role: 'user', content: 'x'.repeat(500) }] })
    expect(long).toContain(`"${'x'.repeat(200)}…"`)
  })

  it('is done when every step was used, however often where it repeats', () => {
    const one = script(['a', 'b'], true)
    one.take({ messages: [] })
    expect(() => {
      one.assertDone()
    }).toThrow('Expected all 2 steps')
    for (let n = 0; n < 3; n += 1) one.take({ messages: [] })
    one.assertDone()
    expect(one.remaining).toBe(0)
  })
})
