import { describe, expect, it } from 'vitest'
import { objectSchema } from '../../../packages/llm/src/tool-call/object-schema.js'
import { toMessagesWire } from '../../../packages/llm/src/anthropic/messages-request.js'
import { toChatWire } from '../../../packages/llm/src/openai/chat-request.js'
import { toResponsesWire } from '../../../packages/llm/src/openai/responses/responses-request.js'
import { HELLO } from '../core/asking.js'

const string = { type: 'string' }

describe('objectSchema', () => {
  it('leaves an object as it is, and says what a schema without arguments leaves out', () => {
    const schema = { type: 'object', properties: { a: { anyOf: [string, { type: 'null' }] } }, required: ['a'] }
    expect(objectSchema(schema)).toEqual(schema)
    expect(objectSchema({})).toEqual({ type: 'object', properties: {} })
  })

  it('keeps the fields of which one is needed, and tells which', () => {
    const anyOf = [{ required: ['a', 'c'] }, { required: ['b', 'c'] }]
    const properties = { a: string, b: string, c: string }
    expect(objectSchema({ type: 'object', description: 'Asks.', properties, anyOf })).toEqual({
      type: 'object',
      description: `Asks.\n{anyOf: ${JSON.stringify(anyOf)}}`,
      properties,
      required: ['c'],
    })
  })

  it('joins alternatives, and takes any of what they say of one field', () => {
    const oneOf = ['read', 'write'].map((kind) => ({
      type: 'object',
      properties: { kind: { const: kind }, path: string },
      required: kind === 'read' ? ['kind', 'path'] : ['kind'],
    }))
    expect(objectSchema({ oneOf })).toMatchObject({
      type: 'object',
      properties: { kind: { anyOf: [{ const: 'read' }, { const: 'write' }] }, path: string },
      required: ['kind'],
    })
  })

  it('joins what is true at once, and passes over what is no schema', () => {
    const allOf = [{ properties: { a: string }, required: ['a'] }, { properties: { b: string } }, true]
    const schema = objectSchema({ allOf, not: { required: ['c'] }, $defs: { d: string } })
    expect(schema).toMatchObject({ properties: { a: string, b: string }, required: ['a'], $defs: { d: string } })
    expect(schema).not.toHaveProperty('allOf')
    expect(schema).not.toHaveProperty('not')
    expect(objectSchema({ anyOf: 'x', properties: 'y', required: 'z' })).toMatchObject({ properties: {} })
  })

  it('is how tools are sent to those who insist on it', () => {
    const inputSchema = { properties: { a: string, b: string }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }
    const request = { ...HELLO, tools: [{ name: 'find', description: 'Finds.', inputSchema }] }
    const target = { model: 'm', host: 'h' }
    const wanted = objectSchema(inputSchema)
    expect(toMessagesWire(request, target, {}).params['tools']).toMatchObject([{ input_schema: wanted }])
    expect(toChatWire(request, target).params.tools).toMatchObject([{ function: { parameters: wanted } }])
    expect(toResponsesWire(request, target, 'openai').params).toMatchObject({ tools: [{ parameters: wanted }] })
    for (const { params } of [toMessagesWire(request, target, {}), toChatWire(request, target)])
      expect(JSON.stringify(params)).not.toContain('"anyOf":[')
  })
})
