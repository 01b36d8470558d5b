import { describe, expect, it } from 'vitest'
import { PartialArgs } from '../../../packages/llm/src/gemini/partial-args.js'

function put(...pieces: unknown[]) {
  const args = new PartialArgs()
  for (const piece of pieces) args.add(piece)
  return args
}

describe('PartialArgs', () => {
  it('puts every kind of value at its place', () => {
    const args = put(
      { jsonPath: '$.a', numberValue: 0 },
      { jsonPath: '$.b.c', boolValue: false },
      { jsonPath: '$.b.d[0].e', nullValue: 'NULL_VALUE' },
      { jsonPath: '$.b.d[1]', stringValue: '' },
      { jsonPath: "$['x y']['it\\'s']", numberValue: 1 },
      { jsonPath: '$["q"]', numberValue: 2 },
    )
    expect(JSON.parse(args.text())).toEqual({ a: 0, b: { c: false, d: [{ e: null }, ''] }, 'x y': { "it's": 1 }, q: 2 })
    expect(args.unreadable).toBeUndefined()
  })

  it('joins a text that continues, and replaces one that does not', () => {
    const go = (stringValue: string, willContinue: boolean, jsonPath = '$.a') => ({
      jsonPath,
      stringValue,
      willContinue,
    })
    expect(put(go('Bos', true), go('ton', true), go('', false)).text()).toBe('{"a":"Boston"}')
    expect(put(go('Bos', false), go('ton', false)).text()).toBe('{"a":"ton"}')
    expect(put(go('x', true), go('y', true, '$.b'), go('z', false)).text()).toBe('{"a":"z","b":"y"}')
  })

  it('goes on from whole arguments', () => {
    const args = new PartialArgs()
    args.addAll({ a: 1, b: { c: 2 } })
    args.add({ jsonPath: '$.b.d', numberValue: 3 })
    expect(JSON.parse(args.text())).toEqual({ a: 1, b: { c: 2, d: 3 } })
  })

  it('takes __proto__ for a name like any other', () => {
    const args = put({ jsonPath: '$.__proto__.polluted', boolValue: true }, { jsonPath: '$.toString', numberValue: 1 })
    expect(args.text()).toBe('{"__proto__":{"polluted":true},"toString":1}')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    [{ jsonPath: '$.a[4000000000]', numberValue: 1 }],
    [{ jsonPath: '$.a..b', numberValue: 1 }],
    [{ jsonPath: '$', numberValue: 1 }],
    [{ jsonPath: 'a', numberValue: 1 }],
    [{ jsonPath: '$.*', stringValue: undefined }],
    [{ numberValue: 1 }],
    [{ jsonPath: '$.text.b', numberValue: 1 }],
    [{ jsonPath: '$[0]', numberValue: 1 }],
    ['x'],
  ])('says that %j belongs nowhere', (piece) => {
    expect(put({ jsonPath: '$.text', stringValue: 'x' }, piece).unreadable).toBe(JSON.stringify(piece))
  })
})
