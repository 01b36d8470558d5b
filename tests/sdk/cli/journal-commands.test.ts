import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createKernel, ramRecords, type Agent, type RecordStore } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { JournalWorld, type Said } from './journal-world.js'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})

const answers: Agent<string, string> = async (sys, question) => {
  const { text } = await sys.llm.chat(ask(question))
  const { pid } = await sys.agent.spawn({ agent: async (own) => (await own.llm.chat(ask(`${text}?`))).text, input: '' })
  return String(await sys.agent.wait({ pid }))
}

const world = new JournalWorld()
let records: RecordStore

afterAll(() => {
  world[Symbol.dispose]()
})
beforeEach(async () => {
  records = ramRecords()
  const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 }
  const llm = scriptedCore(['one', '\u001b[31mtwo\nlines'], { price })
  const kernel = await createKernel({ llm, records, journal: true })
  await kernel.run(answers, 'q', { runId: 'sum-1', name: 'answers' })
  await kernel.close()
})

/** Runs the command line on the store, with a module that exports this. */
function run(
  args: readonly string[],
  exported: Readonly<Record<string, unknown>> = { answers },
  columns = 100,
): Promise<Said> {
  return world.aios(args, { exported, columns, records })
}

describe('aios runs', () => {
  it('lists the runs, the newest first, with their lines and costs', async () => {
    const { code, out } = await run(['runs'])
    expect(code).toBe(0)
    expect(out.split('\n')[0]).toMatch(/^RUN +AGENT +STATE +STARTED \(UTC\) +TOOK +LINES +USD$/)
    expect(out.split('\n')[1]).toMatch(/^sum-1 +answers +fulfilled +\d{4}-\d\d-\d\dT[\d:]{8} +\d+ ms +6 +[\d.]+$/)
  })

  it('shows as many as wanted, and says how many there are', async () => {
    const kernel = await createKernel({ llm: scriptedCore(['a']), records, journal: true })
    await kernel.run(() => Promise.resolve(1), '', { runId: 'later', name: 'other' })
    await kernel.close()
    const { out } = await run(['runs', '--last', '1'])
    expect(out).toContain('later')
    expect(out).not.toContain('sum-1')
    expect(out).toContain('1 older run is not shown; --last 2 shows all.')
  })

  it('tells of a run that is damaged, and of none', async () => {
    await records.open()
    for await (const { key } of records.range('journal/lines')) {
      await records.put('journal/lines', key, Buffer.from('damaged'))
      break
    }
    await records.close()
    expect((await run(['runs'])).out).toMatch(/sum-1 .* damaged/)
    records = ramRecords()
    expect((await run(['runs'])).out).toBe('No runs.\n')
  })
})

describe('aios trace', () => {
  it('shows each call under whoever made it, with what it asked and came to', async () => {
    const { code, out } = await run(['trace', 'sum-1'])
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/\d+ ms/g, 'N ms'))).toEqual([
      'sum-1: answers, fulfilled in N ms',
      'LINE CALL SYSCALL REQUEST TOOK TOKENS OUTCOME',
      ' 1 (start) q',
      expect.stringMatching(/^ 2 1 llm.chat q N ms \S+ ok$/),
      expect.stringMatching(/^ 3 2 agent.spawn \{.*N ms ok$/),
      expect.stringMatching(/^ 4 2.1 llm.chat one\? N ms \S+ ok$/),
      expect.stringMatching(/^ 5 3 agent.wait .* N ms ok$/),
      ' 6 (end) [31mtwo lines fulfilled',
      '',
    ])
  })

  it('draws bars where there is room', async () => {
    expect((await run(['trace', 'sum-1'], {}, 120)).out).toContain('█')
    expect((await run(['trace', 'sum-1'], {}, 119)).out).not.toContain('█')
  })

  it('offers the nearest ids for one that is not there', async () => {
    const { code, err } = await run(['trace', 'sum-2'])
    expect(code).toBe(1)
    expect(err).toContain('Expected the id of a run, got "sum-2". The only one is "sum-1"; "aios runs" lists all.')
  })
})

describe('aios replay', () => {
  it('runs the agent again without asking anybody', async () => {
    const { code, out } = await run(['replay', 'sum-1'])
    expect(out).toBe('fulfilled after 6 of 6 lines\n [31mtwo\nlines\n')
    expect(code).toBe(0)
  })

  it('stops where it is told, and shows what would come next', async () => {
    const { out } = await run(['replay', 'sum-1', '--until', '3'])
    expect(out).toContain('stopped after 3 of 6 lines')
    expect(out).toMatch(/2\.1 +llm\.chat +.*one\?/)
  })

  it('makes a call again and shows what became different', async () => {
    const llm = scriptedCore(['three'])
    const { code, out } = await run(['replay', 'sum-1', '--fork', '4'], { answers, kernel: { llm } })
    expect(code).toBe(0)
    expect(out.split('\n')[1]).toBe('three')
    expect(out).toMatch(/2\.1 +llm\.chat +outcome +result\.text/)
    expect(llm.requests).toHaveLength(1)
    expect((await run(['runs'])).out.split('\n')).toHaveLength(4)
  })

  it('takes the default export under the name of the file', async () => {
    const kernel = await createKernel({ records, journal: true })
    const simple: Agent<string, string> = (_sys, text) => Promise.resolve(text)
    await kernel.run(simple, 'hi', { runId: 'file', name: 'agents' })
    await kernel.close()
    expect((await run(['replay', 'file'], { default: simple })).out).toContain('hi')
    expect((await run(['replay', 'file'], { default: { agent: simple, kernel: {} } })).out).toContain('hi')
  })

  it.each([
    [['replay', 'sum-1'], { other: answers }, 'AIOS_NOT_FOUND: Expected an agent named "answers"'],
    [['replay', 'sum-1'], { number: 1 }, 'AIOS_INVALID_OPTION: Expected'],
    [['replay', 'sum-1', '--until', '99'], { answers }, 'Expected a line from 1 to 6 for "until" in replay(), got 99'],
    [['replay', 'sum-1', '--fork', '1'], { answers }, 'got 1, a line of kind "start"'],
    [['replay', 'sum-1'], { answers: () => Promise.resolve(1) }, 'AIOS_REPLAY_DIVERGED'],
  ])('fails on %j with %j', async (args, exported, message) => {
    const { code, err } = await run(args, exported)
    expect(code).toBe(1)
    expect(err).toContain(message)
  })
})

describe('aios recover', () => {
  it('takes up what was left unfinished, and tells of what it cannot', async () => {
    const stuck: Agent<string, unknown> = async (sys, question) => {
      await sys.llm.chat(ask(question))
      return sys.agent.receive()
    }
    const before = await createKernel({ llm: scriptedCore(['one', 'two']), records, journal: true })
    for (const name of ['answers', 'unknown']) before.spawn(stuck, 'q', { runId: `left-${name}`, name })
    while (before.ps().filter(({ calls }) => calls[0]?.name === 'agent.receive').length < 2)
      await new Promise((resolve) => setImmediate(resolve))
    await before.close()

    const onward: Agent<string, string> = async (sys, question) => {
      const { text } = await sys.llm.chat(ask(question))
      return `${text} and on`
    }
    const { code, out } = await run(['recover'], { answers: onward })
    expect(out).toMatch(/left-answers +answers +done +(one|two) and on/)
    expect(out).toMatch(/left-unknown +unknown +no-agent/)
    expect(code).toBe(1)
    expect((await run(['recover'], { answers: onward })).out).not.toContain('left-answers')
  })

  it('says so when there is nothing', async () => {
    expect(await run(['recover'])).toEqual({ code: 0, out: 'Nothing to recover.\n', err: '' })
  })
})
