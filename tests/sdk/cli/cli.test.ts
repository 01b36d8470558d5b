import { fileURLToPath } from 'node:url'
import { AiosError } from '@aios/kernel'
import type { Agent, LlmDriver } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../../packages/sdk/src/cli/cli.js'

const FILE = fileURLToPath(import.meta.url)

/** Runs the command line with a module that exports this, and gives back all that it said. */
async function run(args: readonly string[], exported?: unknown, signal = new AbortController().signal) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    version: '1.2.3',
    signal,
    loadsTypeScript: true,
    resolve: (name) => {
      throw new Error(`${name} is not installed`)
    },
    import: async () => ({ default: exported }),
    columns: 100,
    records: () => Promise.reject(new Error('no store')),
    out: (text) => (out += text),
    err: (text) => (err += text),
  })
  return { code, out, err }
}

describe('aios', () => {
  it('prints help and version', async () => {
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('aios run <file>') as string,
      err: '',
    })
    expect(await run(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' })
  })

  it('exits with 2 on wrong usage and says what to do', async () => {
    expect(await run(['walk'])).toEqual({
      code: 2,
      out: '',
      err: 'aios: Expected one of the commands run, runs, trace, replay, recover, got "walk". See "aios --help".\n',
    })
  })

  it('runs an agent on its kernel and prints its text', async () => {
    const agent: Agent<string> = async (sys, input) =>
      (await sys.llm.chat({ messages: [{ role: 'user', content: input }] })).text
    const llm = scriptedCore(['Hello, Ann.'])
    expect(await run(['run', FILE, 'Ann'], { agent, kernel: { llm } })).toEqual({
      code: 0,
      out: 'Hello, Ann.\n',
      err: '',
    })
    expect(llm.requests[0]?.messages[0]?.content).toBe('Ann')
  })

  it('closes the kernel, whether the agent succeeds or fails', async () => {
    for (const agent of [() => 'ok', () => Promise.reject(new Error('no'))]) {
      let closed = 0
      const llm: LlmDriver = {
        kind: 'llm',
        id: 'a',
        model: 'a',
        chat: () => Promise.reject(new Error()),
        close: () => void (closed += 1),
      }
      await run(['run', FILE], { agent, kernel: { llm } })
      expect(closed).toBe(1)
    }
  })

  it('prints what is no text as JSON, and an empty input as such', async () => {
    expect(await run(['run', FILE], (_sys: unknown, input: string) => ({ input }))).toMatchObject({
      out: '{\n  "input": ""\n}\n',
    })
    expect(await run(['run', FILE], () => undefined)).toMatchObject({ code: 0, out: 'undefined\n' })
  })

  it('prints the process table to standard error with --ps, also when the agent fails', async () => {
    const { code, out, err } = await run(['run', FILE, '--ps'], () => 'ok')
    expect([code, out]).toEqual([0, 'ok\n'])
    expect(err).toMatch(/PID +PARENT[^]*cli\.test +exited +fulfilled/)
    const failed = await run(['run', FILE, '--ps'], () => Promise.reject(new Error('no')))
    expect(failed.code).toBe(1)
    expect(failed.err).toMatch(/cli\.test +exited +error/)
  })

  it('exits with 1, the code, the message and the causes when the agent fails', async () => {
    const fail = () => {
      const cause = new AiosError('AIOS_NOT_FOUND', 'No key.', { cause: 'lost' })
      throw new AiosError('AIOS_TOOL_FAILED', 'It broke.', { cause })
    }
    expect(await run(['run', FILE], fail)).toEqual({
      code: 1,
      out: '',
      err: 'aios: AIOS_TOOL_FAILED: It broke.\n  caused by AIOS_NOT_FOUND: No key.\n    caused by lost\n',
    })
  })

  it('shows the stack of an error that is not ours', async () => {
    const { err } = await run(['run', FILE], () => {
      throw new TypeError('bad agent')
    })
    expect(err).toMatch(/^aios: TypeError: bad agent\n +at /)
    const bare = Object.assign(new Error('no stack'), { stack: undefined })
    expect(await run(['run', FILE], () => Promise.reject(bare))).toMatchObject({ err: 'aios: no stack\n' })
  })

  it('says what is wrong with a module or its kernel', async () => {
    expect(await run(['run', FILE], 'text')).toMatchObject({
      code: 1,
      err: expect.stringContaining('AIOS_INVALID_OPTION') as string,
    })
    const options = { agent: () => 1, kernel: { dataDirectory: '.' } }
    expect(await run(['run', FILE], options)).toMatchObject({
      code: 1,
      err: expect.stringContaining('dataDirectory') as string,
    })
  })

  it('stops the agent and exits with 130 when it is interrupted', async () => {
    const interrupt = new AbortController()
    const agent: Agent<string> = (sys) =>
      new Promise((_resolve, reject) => {
        sys.signal.addEventListener('abort', () => reject(new Error('stopped')))
        interrupt.abort(new Error('Interrupted.'))
      })
    const { code, err } = await run(['run', FILE], agent, interrupt.signal)
    expect(code).toBe(130)
    expect(err).toContain('Interrupted.')
  })
})
