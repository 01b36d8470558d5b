import { memoryTools, tools } from '@aios/tools'
import { expect, it } from 'vitest'

it('are three tools that tell models what they take', () => {
  const infos = tools(memoryTools()).list()
  expect(infos.map(({ name }) => name)).toEqual(['builtin/forget', 'builtin/recall', 'builtin/remember'])
  expect(infos.map(({ inputSchema }) => inputSchema['required'])).toEqual([['id'], ['query'], ['content']])
})
