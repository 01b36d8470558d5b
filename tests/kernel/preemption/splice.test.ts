import { describe, expect, it } from 'vitest'
import type { StreamPart } from '@aios/kernel/driver'
import { Splice } from '../../../packages/kernel/src/preemption/splice.js'

const FINISH: StreamPart = { type: 'finish', finish: { unified: 'stop' }, usage: { input: {}, output: {} } }
const join = (splice: Splice, parts: readonly StreamPart[]): StreamPart[] => parts.flatMap((part) => splice.map(part))
const said = (id: string, text: string): StreamPart[] => [
  { type: 'text-start', id },
  { type: 'text-delta', id, text },
  { type: 'text-end', id },
]

describe('what a core says after a cut', () => {
  it('continues the open block under its id, without a second start', () => {
    const splice = new Splice({ openText: 'a', ids: new Set(['a']) })
    const parts = join(splice, [
      { type: 'start' },
      { type: 'response-metadata', model: 'm' },
      ...said('0', ' more'),
      FINISH,
    ])
    expect(parts).toEqual([{ type: 'text-delta', id: 'a', text: ' more' }, { type: 'text-end', id: 'a' }, FINISH])
  })

  it('continues it also where the core does not begin the block anew', () => {
    const splice = new Splice({ openText: '1', ids: new Set(['1']) })
    expect(join(splice, [{ type: 'text-delta', id: '1', text: ' more' }])).toEqual([
      { type: 'text-delta', id: '1', text: ' more' },
    ])
  })

  it('gives later blocks ids that were not there before', () => {
    const splice = new Splice({ openText: '1', ids: new Set(['0', '1']) })
    const parts = join(splice, [
      ...said('0', 'x'),
      ...said('1', 'y'),
      { type: 'reasoning-delta', id: '1', text: 'z' },
      ...said('7', 'w'),
    ])
    const ids = parts.flatMap((part) =>
      part.type === 'text-delta' || part.type === 'reasoning-delta' ? [part.id] : [],
    )
    expect(ids[0]).toBe('1')
    expect(new Set(ids).size).toBe(4)
    expect(ids.slice(1)).not.toContain('0')
    expect(ids.at(-1)).toBe('7')
  })

  it('ends the block that was cut when something else follows', () => {
    const call: StreamPart = { type: 'tool-call', id: 'c', name: 't', input: {}, inputText: '{}' }
    for (const next of [call, FINISH]) {
      const splice = new Splice({ openText: 'a', ids: new Set(['a']) })
      expect(join(splice, [next])).toEqual([{ type: 'text-end', id: 'a' }, next])
    }
    const splice = new Splice({ openText: 'a', ids: new Set(['a']) })
    expect(join(splice, [{ type: 'reasoning-start', id: 'r' }])).toEqual([
      { type: 'text-end', id: 'a' },
      { type: 'reasoning-start', id: 'r' },
    ])
  })

  it('passes on what comes when no block was open', () => {
    const splice = new Splice({ openText: undefined, ids: new Set() })
    expect(join(splice, [...said('0', 'x'), FINISH])).toEqual([...said('0', 'x'), FINISH])
  })
})
