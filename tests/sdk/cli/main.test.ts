import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

const MAIN = fileURLToPath(new URL('../../../packages/sdk/src/cli/main.ts', import.meta.url))
const GREETER = fileURLToPath(new URL('greeter.ts', import.meta.url))

/** Runs the program as its bin does, from the sources. `interruptAt` sends Ctrl+C once this text was printed. */
async function aios(args: readonly string[], interruptAt?: string) {
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN, ...args])
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (interruptAt !== undefined && text.includes(interruptAt)) child.kill('SIGINT')
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

describe('the program aios', () => {
  it('runs an agent in TypeScript and exits by itself', async () => {
    const { code, out, err } = await aios(['run', GREETER, '21', '--ps'])
    expect(err).toContain('greeter')
    expect(JSON.parse(out)).toEqual({ greeting: 'hello', output: { result: '42' } })
    expect(code).toBe(0)
  }, 60_000)

  it('exits with 1 when the agent fails, with 2 when it is misused, and knows its version', async () => {
    const [failed, misused, version] = await Promise.all([aios(['run', GREETER, 'fail']), aios(['run']), aios(['-v'])])
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('TypeError: cannot greet')])
    expect([misused.code, misused.out]).toEqual([2, ''])
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  }, 60_000)

  it('ends with 130 on Ctrl+C', async () => {
    const { code, err } = await aios(['run', GREETER, 'wait'], 'waiting')
    expect(err).toContain('Interrupted.')
    expect(code).toBe(130)
  }, 60_000)
})
