import { describe, expect, it } from 'vitest'
import type { StreamPart } from '@aios/kernel'
import { refrain } from '../../../packages/kernel/src/journal/refrain.js'

const text = (said: string, id = '0'): StreamPart => ({ type: 'text-delta', id, text: said })
const begin = (id = '0'): StreamPart => ({ type: 'text-start', id })
const finish = { type: 'finish', finish: { unified: 'stop' } } as StreamPart

/** What of an answer that comes again is new. */
async function rest(told: readonly StreamPart[], again: readonly StreamPart[]): Promise<readonly StreamPart[]> {
  async function* parts(): AsyncGenerator<StreamPart> {
    yield* again
  }
  const found: StreamPart[] = []
  for await (const part of refrain(parts(), told)) found.push(part)
  return found
}

describe('an answer that is begun again after some of it was delivered', () => {
  it('goes on where it was, however its pieces fall this time', async () => {
    const told = [begin(), text('one '), text('two th')]
    expect(await rest(told, [begin(), text('one two three'), finish])).toEqual([text('ree'), finish])
    expect(await rest(told, [begin(), text('o'), text('ne two'), text(' th'), text('ree'), finish])).toEqual([
      text('ree'),
      finish,
    ])
    expect(await rest(told, [begin(), text('one '), text('two th'), finish])).toEqual([finish])
  })

  it('keeps the ids that its consumer knows, and leaves those of calls of tools as they are', async () => {
    const call: StreamPart = { type: 'tool-call', id: 'b', name: 'look', input: {}, inputText: '{}' }
    expect(await rest([begin('0'), text('on', '0')], [begin('b'), text('one', 'b'), call])).toEqual([
      text('e', '0'),
      call,
    ])
  })

  it('says nothing of beginnings and of the model twice', async () => {
    const told: StreamPart[] = [{ type: 'start' }, { type: 'response-metadata', model: 'm' }, begin(), text('a')]
    const again: StreamPart[] = [
      { type: 'start' },
      { type: 'response-metadata', model: 'n' },
      begin(),
      text('a'),
      text('b'),
    ]
    expect(await rest(told, again)).toEqual([text('b')])
  })

  it('tells reasoning and arguments of tools apart from text', async () => {
    const reasons: StreamPart = { type: 'reasoning-delta', id: '0', text: 'hm' }
    expect(await rest([reasons], [{ ...reasons, text: 'hmm' }])).toEqual([{ ...reasons, text: 'm' }])
    await expect(rest([reasons], [text('hm')])).rejects.toMatchObject({
      code: 'AIOS_LLM_INCOMPLETE_STREAM',
      details: { told: 'reasoning-delta', came: 'text-delta' },
    })
  })

  it.each([
    ['other words', [begin(), text('two')]],
    ['words that part in the midst of one', [begin(), text('on the other hand')]],
    ['a longer word that begins otherwise', [begin(), text('ones and twos')]],
    ['another part where text was', [begin(), begin('1')]],
    ['text where another part was', [text('one ')]],
    ['an end', [begin(), finish]],
  ])('fails at %s, for what was delivered cannot be taken back', async (_what, again) => {
    await expect(rest([begin(), text('one '), text('two')], again)).rejects.toMatchObject({
      code: 'AIOS_LLM_INCOMPLETE_STREAM',
    })
  })
})
