import { expect, it } from 'vitest'
import { issueList, issuesText } from '../../../packages/tools/src/schema/issue-list.js'

it('writes paths of plain keys and of key objects', () => {
  const issues = [
    { message: 'bad', path: ['items', 0, { key: 'price' }] },
    { message: 'worse', path: [Symbol.for('s')] },
  ]
  expect(issueList(issues)).toEqual([
    { path: 'items.0.price', message: 'bad' },
    { path: 'Symbol(s)', message: 'worse' },
  ])
})

it('writes an issue of the value itself without a path', () => {
  expect(issuesText([{ message: 'expected an object' }, { message: 'required', path: ['a'] }])).toBe(
    'expected an object; a: required',
  )
})

it('spells out eight issues and counts the rest', () => {
  const issues = Array.from({ length: 11 }, (_, n) => ({ message: 'bad', path: [n] }))
  expect(issuesText(issues)).toMatch(/^0: bad; 1: bad; .*; 7: bad \(and 3 more\)$/)
  expect(issueList(issues)).toHaveLength(8)
})

it('bounds the length of what a schema says', () => {
  expect(issuesText([{ message: 'x'.repeat(3_000) }]).length).toBeLessThan(1_100)
})
