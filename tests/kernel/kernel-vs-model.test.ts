/** The real kernel and the reference model live through the same histories and must never differ. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from './model/against-kernel.js'
import { history, play, replay, type Moment } from './model/arbitrary-history.js'
import {
  abort,
  advance,
  all,
  child,
  close,
  cut,
  done,
  exit,
  failed,
  kill,
  on,
  receive,
  resume,
  send,
  setPriority,
  spawn,
  suspend,
  wait,
} from './model/history.js'
import type { Setup } from './model/state.js'
import type { Event } from './model/step.js'

const SINGLE: Setup = {
  lanes: { 'llm/main': {}, memory: {}, storage: {}, tool: {} },
  abandonAfterMs: 100,
}
const ask = (id: number, pid: number, fields: { input: number; output: number }): Event =>
  on('llm/main', id, pid, fields)
const lanesOf = (concurrency: number): Setup => ({ ...SINGLE, lanes: { ...SINGLE.lanes, tool: { concurrency } } })

async function same(setup: Setup, moments: Iterable<Moment>): Promise<void> {
  const { events, model, kernel, hasCycle, left } = await compare(setup, moments)
  expect({ events, ...kernel }).toEqual({ events, ...model })
  expect(hasCycle).toBe(false)
  expect(left).toEqual({ listeners: 0, timers: 0, unsettled: 0 })
}

/** Histories that are easy to get wrong, by what each is about. */
const HISTORIES: Readonly<Record<string, { readonly setup?: Setup; readonly events: readonly Event[] }>> = {
  'a process that waits for itself, while another call of it runs': {
    events: [spawn(1), on('memory', 2, 1), wait(3, 1, 1)],
  },
  'processes that wait for each other, while another call of one runs': {
    events: [spawn(1), spawn(2), on('memory', 3, 1), wait(4, 1, 2), wait(5, 2, 1)],
  },
  'processes that listen to each other, while another call of one runs': {
    events: [spawn(1), spawn(2), on('memory', 3, 1), receive(4, 1, { from: 2 }), receive(5, 2, { from: 1 })],
  },
  'a tool that waits for who wants its slot, beside another nested call': {
    events: [
      spawn(1),
      spawn(2),
      on('tool', 3, 1),
      on('memory', 4, 1, { parent: 3 }),
      wait(5, 1, 2, { parent: 3 }),
      on('tool', 6, 2),
    ],
  },
  'two tools, both of which wait for a key of a call that wants the slot of either': {
    setup: lanesOf(2),
    events: [
      ...[spawn(1), on('tool', 2, 1), on('tool', 3, 1), on('tool', 4, 1, { keys: ['a'] })],
      ...[on('tool', 5, 1, { keys: ['a'], parent: 2 }), on('tool', 6, 1, { keys: ['a'], parent: 3 })],
    ],
  },
  'a tool that waits for a word of its own process, after a nested call that was over before it began': {
    events: [
      ...[spawn(1), on('tool', 2, 1), on('memory', 3, 1, { parent: 2, isAborted: true })],
      receive(4, 1, { from: 1, parent: 2 }),
    ],
  },
  'a nested call that still waits for a key when a later one already wants the slot': {
    events: [
      ...[spawn(1), on('tool', 2, 1), on('tool', 3, 1, { parent: 2, keys: ['a'] })],
      ...[on('tool', 4, 1, { parent: 2, keys: ['a'] }), on('tool', 5, 1, { parent: 2 }), done(3)],
    ],
  },
  'a slot that is held by an abandoned call and by one that waits': {
    setup: lanesOf(2),
    events: [
      spawn(1),
      spawn(2),
      spawn(3),
      on('tool', 4, 1),
      on('tool', 5, 3),
      abort(5),
      wait(6, 1, 2, { parent: 4 }),
      on('tool', 7, 2),
    ],
  },
  'a tool that is done while its process is suspended, with nested calls still under way': {
    events: [
      spawn(1),
      on('tool', 2, 1),
      suspend(1),
      on('memory', 3, 1, { parent: 2 }),
      on('memory', 4, 1, { parent: 2 }),
      done(2),
      resume(1),
    ],
  },
  'a process spawned by a tool that has returned': {
    events: [
      spawn(1),
      on('tool', 2, 1),
      child(3, 1, { parent: 2 }),
      on('tool', 4, 3),
      on('tool', 5, 3),
      done(2),
      on('memory', 6, 3),
      done(4),
    ],
  },
  'a process spawned by a tool that was aborted': {
    events: [spawn(1), on('tool', 2, 1), child(3, 1, { parent: 2 }), on('memory', 4, 3), abort(2), on('memory', 5, 3)],
  },
  'a kill of a process that waits for its child': {
    events: [spawn(1), child(2, 1), wait(3, 1, 2), receive(4, 1, { from: 2 }), kill(1)],
  },
  'a kill of a process whose children wait for each other': {
    events: [spawn(1), child(2, 1), child(3, 1), child(4, 1), receive(5, 3, { from: 2 }), wait(6, 4, 2), kill(1)],
  },
  'a kill of all, of whom one waits for another': {
    events: [spawn(1), spawn(2), wait(3, 2, 1), receive(4, 2, { from: 1 }), { type: 'killAll' }],
  },
  'a signal that ends a child, for whom its parent waits': {
    events: [
      spawn(1),
      child(2, 1),
      child(3, 2),
      on('memory', 4, 3),
      wait(5, 1, 2),
      cut(2),
      on('memory', 6, 3),
      done(4),
    ],
  },
  'a close with processes that wait for each other': {
    events: [spawn(1), spawn(2), wait(3, 2, 1), receive(4, 2, { from: 1 }), close],
  },
  'a child that is spawned while its parent is being resumed': {
    events: [spawn(1), suspend(1), child(2, 1), resume(1), suspend(1), on('memory', 3, 2), resume(1)],
  },
  'a composite call whose calls all wait': {
    events: [spawn(1), on('tool', 2, 1), spawn(3), all(4, 3, [5, 6])],
  },
  'a kill with calls that wait for a key of a call that has no slot yet': {
    events: [
      ...[spawn(1), spawn(2), on('tool', 3, 1), on('tool', 4, 2, { keys: ['a'] }), on('tool', 5, 2, { keys: ['a'] })],
      ...[kill(2), on('tool', 6, 1, { keys: ['a'] }), done(3)],
    ],
  },
  'a suspend with calls that wait for a key of a call that has no slot yet': {
    setup: lanesOf(1),
    events: [
      ...[spawn(1), spawn(2), on('tool', 3, 1), on('tool', 4, 2, { keys: ['a'] }), on('tool', 5, 2, { keys: ['a'] })],
      ...[suspend(2), on('tool', 6, 1, { keys: ['a'] }), done(3), done(6), resume(2)],
    ],
  },
  'a message for a receiver that is suspended': {
    events: [spawn(1), spawn(2), receive(3, 1), suspend(1), send(4, 2, 1), abort(3), resume(1), receive(5, 1)],
  },
  'a parked call whose turn never comes because the one in front is given up': {
    setup: { ...SINGLE, lanes: { ...SINGLE.lanes, 'llm/main': { concurrency: 2 } } },
    events: [
      ...[spawn(1, { tokens: 100 }), spawn(2), on('llm/main', 3, 1, { input: 10, output: 50 })],
      ...[on('llm/main', 4, 1, { input: 10, output: 50 }), on('llm/main', 5, 1, { input: 10, output: 50 })],
      ...[on('llm/main', 6, 2, { input: 1, output: 1 }), on('llm/main', 7, 2, { input: 1, output: 1 })],
      ...[done(3), abort(4), done(6), done(7)],
    ],
  },
  'a tool that waits for keys and then meets a full lane': {
    setup: { ...SINGLE, lanes: { ...SINGLE.lanes, tool: { depth: 1 } } },
    events: [
      ...[spawn(1), on('tool', 2, 1, { keys: ['a'] }), on('tool', 3, 1), on('tool', 4, 1, { keys: ['b'] })],
      ...[done(2), on('tool', 5, 1, { keys: ['b'] }), done(3), done(5)],
    ],
  },
  'nested calls in a full lane': {
    setup: { ...SINGLE, lanes: { ...SINGLE.lanes, memory: { depth: 1 } } },
    events: [
      ...[spawn(1), on('tool', 2, 1), on('memory', 3, 1), on('memory', 4, 1), on('memory', 5, 1, { parent: 2 })],
      ...[on('memory', 6, 1), suspend(1), done(3), done(5), resume(1), done(2)],
    ],
  },
  'nested calls that are given up before and while they run on the slot of their host': {
    events: [
      ...[spawn(1), on('tool', 2, 1), on('tool', 3, 1, { parent: 2 }), on('tool', 4, 1, { parent: 2 })],
      ...[
        on('tool', 5, 1, { parent: 2 }),
        on('tool', 6, 1, { parent: 2 }),
        abort(4),
        abort(3),
        done(3),
        done(5),
        done(6),
      ],
    ],
  },
  'calls made under a tool that was aborted, and under one that has returned': {
    setup: lanesOf(2),
    events: [
      ...[spawn(1), on('tool', 2, 1), on('tool', 3, 1, { keys: ['a'] }), on('memory', 4, 1, { parent: 3 })],
      ...[abort(2), on('memory', 5, 1, { parent: 2 }), done(3), on('memory', 6, 1, { parent: 3 })],
    ],
  },
  'a driver that ignores its signal, with others waiting': {
    events: [spawn(1), on('memory', 2, 1), on('memory', 3, 1), abort(2), advance(99), advance(1), done(2), done(3)],
  },
  'keys of calls that fail, are aborted and are abandoned': {
    setup: lanesOf(4),
    events: [
      ...[
        spawn(1),
        on('tool', 2, 1, { keys: ['a', 'b'] }),
        on('tool', 3, 1, { keys: ['a'] }),
        on('tool', 4, 1, { keys: ['b'] }),
      ],
      ...[
        failed(2),
        on('tool', 5, 1, { keys: ['a'] }),
        abort(3),
        advance(100),
        on('tool', 6, 1, { keys: ['b'] }),
        abort(6),
        done(4),
      ],
    ],
  },
  'a budget that two children draw on': {
    setup: { ...SINGLE, lanes: { ...SINGLE.lanes, 'llm/main': { concurrency: 4 } } },
    events: [
      ...[spawn(1, { tokens: 100 }), child(2, 1, { tokens: 500 }), child(3, 1), ask(4, 2, { input: 10, output: 60 })],
      ...[
        ask(5, 3, { input: 10, output: 60 }),
        ask(6, 3, { input: 99, output: 1 }),
        ask(7, 3, { input: 100, output: 1 }),
      ],
      ...[
        done(4, 15),
        done(5, 30),
        ask(8, 2, { input: 5, output: 500 }),
        abort(8),
        done(8, 40),
        ask(9, 3, { input: 54, output: 2 }),
      ],
    ],
  },
  'a call that is held, charged, and given up': {
    events: [spawn(1, { tokens: 50 }), ask(2, 1, { input: 5, output: 20 }), suspend(1), done(2, 12), kill(1)],
  },
  'wallMs through suspends': {
    events: [
      spawn(1, { wallMs: 50 }),
      advance(20),
      suspend(1),
      suspend(1),
      advance(90),
      resume(1),
      advance(29),
      advance(1),
    ],
  },
  'a detached child of a suspended process': {
    events: [
      ...[spawn(1), on('tool', 2, 1), child(3, 1, { isDetached: true }), suspend(1), on('memory', 4, 3), done(4)],
      ...[child(5, 1, { parent: 2, isDetached: true }), on('memory', 6, 5), kill(1), on('memory', 7, 5)],
    ],
  },
  'urgency: of a process, of its children, of nested calls, and changed while calls wait': {
    events: [
      ...[spawn(1, { priority: 5 }), spawn(2), child(3, 1), on('tool', 4, 2, { priority: 6 }), on('memory', 5, 2)],
      ...[
        on('memory', 6, 2),
        on('memory', 7, 3),
        on('memory', 8, 2, { parent: 4 }),
        done(5),
        done(8),
        setPriority(2, 7),
      ],
      ...[on('memory', 9, 1), done(7), done(6)],
    ],
  },
  'a parent that returns while its children work': {
    events: [spawn(1), child(2, 1), child(3, 2), on('memory', 4, 3), on('memory', 5, 2), exit(1), done(4)],
  },
  'deadlines of calls and of what is nested in them': {
    events: [
      ...[spawn(1, { deadlineMs: 90 }), on('tool', 2, 1, { deadlineMs: 30 }), on('memory', 3, 1, { parent: 2 })],
      ...[on('memory', 4, 1, { deadlineMs: 20 }), advance(25), advance(5), advance(60), advance(100)],
    ],
  },
  'a message that comes while its receiver is suspended': {
    events: [spawn(1), spawn(2), receive(3, 1), suspend(1), send(4, 2, 1), resume(1)],
  },
  'a message that comes while its receiver is suspended, from a sender that then ends': {
    events: [spawn(1), spawn(2), receive(3, 1, { from: 2 }), suspend(1), send(4, 2, 1), exit(2), resume(1)],
  },
  'a wait that was hopeful when it began, through a suspend': {
    events: [spawn(1), on('storage', 2, 1), receive(3, 1, { from: 1 }), done(2), suspend(1), resume(1), send(4, 1, 1)],
  },
  'a message that comes while both receivers are suspended': {
    events: [
      ...[spawn(1), spawn(2), receive(3, 1, { from: 2 }), receive(4, 1), suspend(1), send(5, 2, 1), send(6, 1, 1)],
      ...[receive(7, 1), send(8, 2, 1), resume(1), send(9, 2, 1)],
    ],
  },
  'a call made under a tool whose result is held back': {
    events: [spawn(1), on('tool', 2, 1), suspend(1), done(2), on('memory', 3, 1, { parent: 2 }), resume(1)],
  },
  'nested calls that want the keys of each other': {
    setup: lanesOf(2),
    events: [
      ...[spawn(1), on('tool', 2, 1, { keys: ['a'] }), on('tool', 3, 1, { keys: ['b'] })],
      ...[on('tool', 4, 1, { keys: ['b'], parent: 2 }), on('tool', 5, 1, { keys: ['a'], parent: 3 }), done(3), done(4)],
    ],
  },
  'a deadline and the end of the abandonment at one time': {
    events: [spawn(1), spawn(2, { deadlineMs: 100 }), on('memory', 3, 1), on('memory', 4, 2), abort(3), advance(100)],
  },
  'a detached child of a process that has ended': {
    events: [
      spawn(1, { calls: 4 }),
      child(2, 1, { isDetached: true }),
      exit(1),
      on('memory', 3, 2),
      on('memory', 4, 2),
      on('memory', 5, 2),
      on('memory', 6, 2),
    ],
  },
}

describe('the kernel and the model agree on', () => {
  for (const [name, { setup = SINGLE, events }] of Object.entries(HISTORIES)) {
    it(name, () => same(setup, replay(setup, events)))
  }
})

const numRuns = 60 * Number(process.env['AIOS_FUZZ'] ?? 1)

it('the kernel does what the model says, whatever happens', async () => {
  const property = fc.asyncProperty(history(), (given) => same(given.setup, play(given)))
  await fc.assert(property, { numRuns })
})
