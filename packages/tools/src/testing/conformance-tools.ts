import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineTool } from '../registry/define-tool.js'
import type { Tool, ToolContext } from '../registry/tool.js'

/** Collects what the tools of the conformance suite see. */
export interface ToolProbe {
  runs: number
  /** Reasons of the signals that aborted. */
  readonly aborts: unknown[]
}

/** Makes a schema by hand, so that the suite needs no schema library. */
function schema<T>(validate: StandardSchemaV1.Props<unknown, T>['validate']): StandardSchemaV1<unknown, T> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

/** Accepts objects whose given fields are of a type. */
function fields<T>(type: string, names: readonly string[]): StandardSchemaV1<unknown, T> {
  return schema((value) => {
    const given = value as Readonly<Record<string, unknown>>
    const wrong = names.filter((name) => typeof given[name] !== type)
    if (wrong.length === 0) return { value: value as T }
    return { issues: wrong.map((name) => ({ path: [name], message: `expected a ${type}` })) }
  })
}

const ANYTHING = schema<Readonly<Record<string, unknown>>>((value) => ({
  value: value as Readonly<Record<string, unknown>>,
}))
const OBJECT = { type: 'object' } as const

function untilAborted(context: ToolContext, probe: ToolProbe): Promise<never> {
  return new Promise((_resolve, reject) => {
    context.signal.addEventListener('abort', () => {
      probe.aborts.push(context.signal.reason)
      reject(new Error('the tool gave up'))
    })
  })
}

function arithmetic(probe: ToolProbe): readonly Tool[] {
  const later = fields<{ n: number }>('number', ['n'])
  const text = { source: 'test', inputSchema: OBJECT }
  return [
    defineTool({
      ...text,
      name: 'add',
      description: 'Adds.',
      input: fields<{ a: number; b: number }>('number', ['a', 'b']),
      execute: ({ a, b }) => {
        probe.runs += 1
        return a + b
      },
    }),
    defineTool({
      ...text,
      name: 'later',
      description: 'Validates later.',
      input: schema<{ n: number }>(async (value) => later['~standard'].validate(value)),
      execute: ({ n }) => n,
    }),
    defineTool({
      ...text,
      name: 'locks',
      description: 'Locks keys.',
      input: fields<{ keys: string[] }>('object', ['keys']),
      conflictKeys: ({ keys }) => keys,
      execute: () => null,
    }),
  ]
}

function outputs(): readonly Tool[] {
  const shared = { count: 0 }
  const text = { source: 'test', inputSchema: OBJECT, input: ANYTHING }
  return [
    defineTool({
      ...text,
      name: 'counter',
      description: 'Returns what it keeps.',
      execute: () => {
        shared.count += 1
        return shared
      },
    }),
    defineTool({ ...text, name: 'function', description: 'Returns a function.', execute: () => ({ call: () => 1 }) }),
    defineTool({
      ...text,
      name: 'liar',
      description: 'Breaks its schema.',
      execute: () => ({ n: 'one' }),
      output: fields<{ n: unknown }>('number', ['n']),
    }),
    defineTool({
      ...text,
      name: 'self',
      description: 'Returns its context.',
      execute: (_input, { pid, agent, callId, clock }) => ({ pid, agent, callId, now: clock.now() }),
    }),
  ]
}

function endings(probe: ToolProbe): readonly Tool[] {
  const text = { source: 'test', inputSchema: OBJECT, input: ANYTHING }
  return [
    defineTool({
      ...text,
      name: 'throws',
      description: 'Throws if it gets a message.',
      execute: ({ message }) => {
        if (typeof message === 'string') throw new Error(message)
        return 'calm'
      },
    }),
    defineTool({
      ...text,
      name: 'hangs',
      description: 'Runs until its signal aborts.',
      timeoutMs: 1_000,
      execute: (_input, context) => untilAborted(context, probe),
    }),
    defineTool({
      ...text,
      name: 'stuck',
      description: 'Never ends.',
      timeoutMs: Infinity,
      execute: () => new Promise<never>(() => undefined),
    }),
    defineTool({ ...text, name: 'twin', description: 'Has a twin.', execute: () => 1 }),
    defineTool({ ...text, name: 'twin', source: 'other', description: 'Has a twin.', execute: () => 2 }),
  ]
}

/** Makes the tools that the conformance suite asks a driver to serve. */
export function conformanceTools(probe: ToolProbe): readonly Tool[] {
  return [...arithmetic(probe), ...outputs(), ...endings(probe)]
}
