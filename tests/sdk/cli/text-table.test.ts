import { expect, it } from 'vitest'
import { textTable } from '../../../packages/sdk/src/cli/text-table.js'

it('aligns numbers right and text left, without trailing spaces', () => {
  const table = textTable(
    ['PID', 'NAME', 'CALLS', 'NOTE'],
    [
      [1, 'a', 12, ''],
      [10, 'longer', 3, 'x'],
    ],
  )
  expect(table).toBe('PID  NAME    CALLS  NOTE\n  1  a          12\n 10  longer      3  x\n')
})

it('shows the head alone where there are no rows, and nothing for a missing cell', () => {
  expect(textTable(['A', 'B'], [])).toBe('A  B\n')
  expect(textTable(['A', 'B'], [['x']])).toBe('A  B\nx\n')
})
