import { expect, it } from 'vitest'
import { AgentHistory } from '../../../../packages/kernel/src/scheduler/policies/agent-history.js'
import { taskSource } from '../task.js'

it('keeps agents of one name as one, and apart from others', () => {
  const [history, make] = [new AgentHistory(), taskSource()]
  const [a, again, b] = [make('a'), make('a'), make('b')].map((task) => history.enter(task))
  expect(a).toBe(again)
  history.learn(a!, 5)
  history.learn(b!, 50)
  expect([history.expected(a!, 0.5), history.expected(b!, 0.5)]).toEqual([5, 50])
})

it('expects of an unknown agent what all agents do, at first nothing', () => {
  const [history, make] = [new AgentHistory(), taskSource()]
  const [a, unknown] = [history.enter(make('a')), history.enter(make('unknown'))]
  expect(history.expected(unknown, 0.5)).toBe(0)
  history.learn(a, 5)
  expect(history.expected(unknown, 0.5)).toBe(5)
})

it('drops the longest idle agent beyond 1,024, and none with a call', () => {
  const [history, make] = [new AgentHistory(), taskSource()]
  const busy = make('busy')
  const idle = make('idle')
  const records = [busy, idle].map((task) => history.enter(task))
  history.leave(records[1]!)
  for (let n = 0; n < 1_024; n += 1) {
    const task = make(`agent ${n}`)
    history.leave(history.enter(task))
  }
  expect(history.enter(make('busy'))).toBe(records[0])
  expect(history.enter(make('idle'))).not.toBe(records[1])
})
