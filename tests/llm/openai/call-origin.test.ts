import { expect, it } from 'vitest'
import { callOrigin, readExtra, returningExtra } from '../../../packages/llm/src/openai/call-origin.js'

const extra = { google: { thought_signature: 'Sig==' } }

it('brings back what stood beside a call, to the host it came from', () => {
  const origin = callOrigin('h', readExtra({ id: 'x', extra_content: extra }))
  expect(returningExtra(origin, 'h')).toEqual({ extra_content: extra })
  expect(returningExtra(origin, 'other')).toEqual({})
})

it('leaves a call unmarked beside which nothing stood', () => {
  expect(callOrigin('h', readExtra({ id: 'x', extra_content: null }))).toEqual({})
  expect(returningExtra({}, 'h')).toEqual({})
  expect(returningExtra({ opaque: { openai: { host: 'h', type: 'function_call', item: {} } } }, 'h')).toEqual({})
})
