import { createKernel, ramRecords, readRun, replay, type Agent, type Sys } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { tools } from '@aios/tools'
import { bad } from './replayed-agents.js'

/** What the agents were answered, also by calls that nobody waits for any more. */
type Note = (what: string) => void
/** What a loser of a race does afterwards, if anything. */
type Then = (sys: Sys) => Promise<unknown>

interface Way {
  readonly then: Then
  /** Reactions of promises between the answer that a process sends on and its end. */
  readonly turns: number
}

const nothing: Then = () => Promise.resolve()

function family(note: Note, { then, turns }: Way): Agent<unknown, unknown> {
  const racer: Agent<number, number> = async (sys, parent) => {
    await sys.agent.receive({ from: parent })
    const loser = sys.tool.call({ name: 'bad', input: {} }).catch(({ code }: { readonly code: string }) => {
      note(`bad: ${code}`)
      return then(sys)
    })
    await Promise.race([sys.clock.sleep({ ms: 5 }), loser])
    await sys.agent.send({ to: parent, message: 'done' })
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    return sys.pid
  }
  return async (sys) => {
    const child = await sys.agent.spawn({ agent: racer, input: sys.pid })
    await sys.agent.send({ to: child.pid, message: 'go' })
    await sys.agent.receive()
    note(`child: ${String(await sys.agent.wait({ pid: child.pid }))}`)
    return 'ended'
  }
}

async function both(way: Way): Promise<readonly (readonly string[])[]> {
  const clock = virtualClock(1_000)
  const records = ramRecords()
  const kernel = await createKernel({ tools: tools([bad]), records, journal: true, clock })
  const live: string[] = []
  const agent = (note: Note): Agent<unknown, unknown> => {
    const inner = family(note, way)
    return async (sys) => {
      const child = await sys.agent.spawn({ agent: inner, input: 0 })
      return sys.agent.wait({ pid: child.pid })
    }
  }
  const running = kernel.run(
    agent((what) => live.push(what)),
    0,
    { runId: 'r' },
  )
  await clock.advance(20)
  expect(await running).toBe('ended')
  const journal = await readRun(records, 'r')
  await kernel.close()
  const again: string[] = []
  const replayed = await replay(
    journal,
    agent((what) => again.push(what)),
  )
  expect(replayed).toMatchObject({ outcome: 'fulfilled', value: 'ended', lines: journal.lines.length })
  return [live, again]
}

const TURNS = Array.from({ length: 16 }, (_, turns) => turns)

describe('a process that ends in the turn in which others of its calls are answered', () => {
  it('has them answered when it is gone through again', async () => {
    const seen = new Set<string>()
    for (const turns of TURNS) {
      const [live, again] = await both({ then: nothing, turns })
      expect(again, `${turns} turns`).toEqual(live)
      seen.add(live![0]!)
    }
    expect([...seen]).toEqual(['bad: AIOS_PROCESS_EXITED', 'bad: AIOS_TOOL_FAILED'])
  })

  it('has no more of them for whoever makes calls upon such an answer', async () => {
    for (const turns of TURNS) {
      const then: Then = async (sys) => {
        await sys.clock.now()
        await sys.random.bytes({ length: 4 })
      }
      const [live, again] = await both({ then, turns })
      expect(again, `${turns} turns`).toEqual(live)
    }
  })
})
