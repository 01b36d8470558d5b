import { fileTools, tools } from '@aios/tools'
import { expect, it } from 'vitest'

it('are six tools that tell models what they take', () => {
  const infos = tools(fileTools()).list()
  expect(infos.map(({ name }) => name)).toEqual([
    'builtin/file_info',
    'builtin/list_files',
    'builtin/read_file',
    'builtin/remove_file',
    'builtin/search_files',
    'builtin/write_file',
  ])
  for (const { description, inputSchema } of infos) {
    expect(description.length).toBeGreaterThan(40)
    expect(inputSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { path: { description: expect.stringContaining('Relative to the root') as string } },
    })
  }
})
