import type { Task } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { TaskList } from '../../../packages/kernel/src/scheduler/task-list.js'
import { taskSource } from './task.js'

/** Reads a list forwards, after checking that it reads the same backwards. */
function idsOf(list: TaskList): number[] {
  const [forwards, backwards]: [number[], number[]] = [[], []]
  for (let at = list.head; at !== undefined; at = at.next) forwards.push(at.id)
  for (let at = list.tail; at !== undefined; at = at.previous) backwards.push(at.id)
  expect(backwards.reverse()).toEqual(forwards)
  expect(list.size).toBe(forwards.length)
  return forwards
}

function listOf(count: number): { readonly list: TaskList; readonly tasks: readonly Task[] } {
  const [list, make] = [new TaskList(), taskSource()]
  const tasks = Array.from({ length: count }, () => make())
  for (const task of tasks) list.push(task)
  return { list, tasks }
}

describe('a list through the tasks', () => {
  it('gives them back in the order they came', () => {
    const { list, tasks } = listOf(3)
    expect(idsOf(list)).toEqual([1, 2, 3])
    expect([list.shift(), list.shift(), list.shift(), list.shift()]).toEqual([...tasks, undefined])
    expect(idsOf(list)).toEqual([])
  })

  it.each([
    [1, [2, 3, 4]],
    [2, [1, 3, 4]],
    [4, [1, 2, 3]],
  ])('loses task %i without disturbing the others', (id, left) => {
    const { list, tasks } = listOf(4)
    const task = tasks[id - 1]!
    expect(list.remove(task)).toBe(true)
    expect(idsOf(list)).toEqual(left)
    expect([task.list, task.next, task.previous]).toEqual([undefined, undefined, undefined])
  })

  it('does not remove a task of another list, or one twice', () => {
    const [{ list, tasks }, other] = [listOf(2), listOf(2)]
    expect(list.remove(other.tasks[0]!)).toBe(false)
    expect(list.remove(tasks[1]!)).toBe(true)
    expect(list.remove(tasks[1]!)).toBe(false)
    expect([idsOf(list), idsOf(other.list)]).toEqual([[1], [1, 2]])
  })

  it.each([1, 2, 3, 4])('takes task %i back where its age puts it', (id) => {
    const { list, tasks } = listOf(4)
    list.remove(tasks[id - 1]!)
    list.insert(tasks[id - 1]!)
    expect(idsOf(list)).toEqual([1, 2, 3, 4])
    expect(tasks[id - 1]!.list).toBe(list)
  })

  it('takes a task in by age also when it is empty', () => {
    const { list, tasks } = listOf(1)
    list.shift()
    list.insert(tasks[0]!)
    expect(idsOf(list)).toEqual([1])
  })
})
