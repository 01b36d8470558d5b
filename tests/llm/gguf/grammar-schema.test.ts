import { describe, expect, it } from 'vitest'
import { grammarSchema } from '../../../packages/llm/src/gguf/grammar-schema.js'

describe('grammarSchema', () => {
  it('writes schemas in the words of the engine', () => {
    const schema = {
      type: 'object',
      properties: { a: { anyOf: [{ type: 'null' }, { $ref: '#/definitions/b' }] } },
      definitions: { b: { type: 'string' } },
    }
    expect(grammarSchema(schema)).toEqual({
      type: 'object',
      properties: { a: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/b' }] } },
      $defs: { b: { type: 'string' } },
    })
  })

  it('leaves names and data alone, whatever they are called', () => {
    const schema = {
      type: 'object',
      properties: { anyOf: { enum: ['anyOf', { type: 'object' }] }, definitions: { const: { type: 'object' } } },
    }
    expect(grammarSchema(schema)).toEqual(schema)
  })

  it('lets an object of which nothing is said hold anything', () => {
    expect(grammarSchema({ type: 'array', items: { type: 'object' } })).toEqual({
      type: 'array',
      items: { type: 'object', additionalProperties: true },
    })
    const closed = { type: 'object', additionalProperties: false }
    expect(grammarSchema(closed)).toEqual(closed)
    const empty = { type: 'object', properties: {} }
    expect(grammarSchema(empty)).toEqual(empty)
  })
})
