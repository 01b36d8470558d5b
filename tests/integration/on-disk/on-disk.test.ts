/** The whole way: a program records on a real disk, and the real command line, each in a process of its own, looks and goes on. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

const MAIN = fileURLToPath(new URL('../../../packages/sdk/src/cli/main.ts', import.meta.url))
const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url))
const AGENTS = fileURLToPath(new URL('agents.ts', import.meta.url))
const PATIENCE = 120_000

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a program to its end, or kills it once it said this. */
async function run(args: readonly string[], killAt?: string): Promise<Said> {
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, ...args])
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (killAt !== undefined && out.includes(killAt)) child.kill('SIGKILL')
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

const folder = mkdtempSync(join(tmpdir(), 'aios-on-disk-'))
const data = join(folder, 'data')
const aios = (...args: string[]): Promise<Said> => run([MAIN, ...args, '--data', data])

beforeAll(async () => {
  expect(await run([PROGRAM, data, 'end'])).toEqual({ code: 0, out: 'Four. Yes.\n', err: '' })
  expect(await run([PROGRAM, data, 'wait'], 'waiting')).toEqual({ code: null, out: 'waiting\n', err: '' })
}, PATIENCE)
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('runs on a disk', () => {
  it(
    'are listed, shown and replayed, in words without any colour and as JSON',
    async () => {
      const runs = await aios('runs')
      expect([runs.code, runs.err]).toEqual([0, ''])
      expect(runs.out).toMatch(/^cut +twice +running +\S+ +2 +0$/m)
      expect(runs.out).toMatch(/^sum-1 +twice +fulfilled +\S+ +[\d.]+ m?s +4 +0$/m)
      expect(runs.out).toMatch(/^bad +fails +threw /m)
      const list = JSON.parse((await aios('runs', '--json')).out) as { runId: string }[]
      expect(list.map(({ runId }) => runId).sort()).toEqual(['bad', 'cut', 'sum-1'])

      const trace = await aios('trace', 'sum-1')
      expect(trace.out).toMatch(/^ +3 +2 +llm\.chat +Sure\? Four\. +.* ok$/m)
      const { lines } = JSON.parse((await aios('trace', 'bad', '--json')).out) as { lines: unknown[] }
      expect(lines[2]).toMatchObject({ kind: 'end', outcome: 'threw', result: { message: 'out of range' } })

      const replayed = await aios('replay', 'sum-1', '--agents', AGENTS)
      expect(replayed).toEqual({ code: 0, out: 'fulfilled after 4 of 4 lines\nFour. Yes.\n', err: '' })
      const stopped = await aios('replay', 'sum-1', '--agents', AGENTS, '--until', '2')
      expect(stopped.out).toMatch(/^stopped after 2 of 4 lines\n[^]*2 +llm\.chat +.*Sure\? Four\./)
      const failed = await aios('replay', 'bad', '--agents', AGENTS)
      expect([failed.code, failed.out]).toEqual([1, 'threw after 3 of 3 lines\nRangeError: out of range\n'])
      for (const { out } of [runs, trace, replayed, stopped]) expect(out).not.toContain('\u001b')
    },
    PATIENCE,
  )

  it(
    'are forked, live from the call on',
    async () => {
      const { code, out } = await aios('replay', 'sum-1', '--agents', AGENTS, '--fork', '3', '--json')
      expect(code).toBe(0)
      const forked = JSON.parse(out) as { runId: string }
      expect(forked).toMatchObject({ outcome: 'fulfilled', value: 'Four. Quite.', differences: [{ path: '2' }, {}] })
      expect((await aios('trace', forked.runId)).out).toContain('Four. Quite.')
    },
    PATIENCE,
  )

  it(
    'that were killed in the middle go on, and ask nothing again that was answered',
    async () => {
      const recovered = await aios('recover', '--agents', AGENTS)
      expect(recovered.out).toMatch(/^cut +twice +done +Five\. Quite\.$/m)
      expect([recovered.code, recovered.err]).toEqual([0, ''])
      expect(await aios('recover', '--agents', AGENTS)).toEqual({ code: 0, out: 'Nothing to recover.\n', err: '' })
      expect((await aios('runs')).out).toMatch(/^cut +twice +fulfilled /m)
    },
    PATIENCE,
  )
})

describe('aios beside others', () => {
  it(
    'lists the runs of a kernel that lives',
    async () => {
      const shared = join(folder, 'shared')
      const child = spawn(process.execPath, [...NODE_ARGUMENTS, PROGRAM, shared, 'wait'])
      const ended = new Promise((resolve) => child.on('close', resolve))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      const { code, out, err } = await run([MAIN, 'runs', '--data', shared])
      child.kill('SIGKILL')
      await ended
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^cut +twice +running /m)
    },
    PATIENCE,
  )

  it(
    'ends quietly when whoever reads has seen enough',
    async () => {
      const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN, 'runs', '--data', data])
      let err = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
      child.stdout.destroy()
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
      expect([code, err]).toEqual([0, ''])
    },
    PATIENCE,
  )

  it(
    'says of a directory that is damaged that it is, and changes nothing',
    async () => {
      const damaged = join(folder, 'damaged')
      expect((await run([PROGRAM, damaged, 'end'])).code).toBe(0)
      truncateSync(join(damaged, 'data.mdb'), 9_000)
      const before = readdirSync(damaged)
      for (const args of [['runs'], ['trace', 'sum-1'], ['recover', '--agents', AGENTS]]) {
        const { code, out, err } = await run([MAIN, ...args, '--data', damaged])
        expect([code, out]).toEqual([1, ''])
        expect(err).toMatch(/^aios: AIOS_CORRUPT: /)
      }
      expect(readdirSync(damaged)).toEqual(before)
    },
    PATIENCE,
  )
})
