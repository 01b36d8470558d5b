import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SAMPLE_CASES } from './sample-suite.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

const FILE = new URL('under-node-test.ts', import.meta.url).pathname

/** Runs a file under `node --test`, and returns what it reports. */
async function nodeTest(file: string): Promise<{ readonly code: number; readonly report: string }> {
  const args = [...NODE_ARGUMENTS, '--test', '--test-reporter=tap', file]
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), report: `${stdout}\n${stderr}` })
    })
  })
}

describe('a suite of somebody else', () => {
  for (const [name, run] of Object.entries(SAMPLE_CASES)) it(`under vitest: ${name}`, run)

  it('passes under node:test too, and lets its process end', { timeout: 60_000 }, async () => {
    const { code, report } = await nodeTest(FILE)
    expect(report).toContain(`# pass ${Object.keys(SAMPLE_CASES).length}`)
    expect(report).toContain('# fail 0')
    expect(code).toBe(0)
  })
})
