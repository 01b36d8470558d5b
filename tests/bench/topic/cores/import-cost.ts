import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { atMost, digits, type Section } from '../../measure/report.js'
import { summarise, type Summary } from '../../measure/summary.js'
import type { Mode } from '../mode.js'

const run = promisify(execFile)

/** Imports a module in a process that has nothing else to do, and prints the milliseconds. */
const PROGRAM = 'const from = performance.now(); await import(process.argv[1]); console.log(performance.now() - from)'

async function imported(url: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM, url])
  return Number(stdout)
}

/** Is a module without anything, for what any first import costs. */
const EMPTY = 'data:text/javascript,'

/** Measures what an import of the built package costs a new process, in turns with an import of nothing. */
export async function importCost(mode: Mode): Promise<Section> {
  const built = join(process.cwd(), 'packages/llm/dist/index.js')
  if (!existsSync(built)) throw new Error('Expected built packages. Run `npm run build` first.')
  const { href } = pathToFileURL(built)
  const [samples, empty]: [number[], number[]] = [[], []]
  for (let round = 0; round < (mode === 'full' ? 40 : 10); round += 1) {
    samples.push(await imported(href))
    empty.push(await imported(EMPTY))
  }
  const all: Summary = summarise(samples)
  const said = ({ median, low, high }: Summary): string => `${digits(median)} ms (${digits(low)} to ${digits(high)})`
  return {
    title: 'Import of @aios/llm, as it is built, in a new process',
    lines: [`@aios/llm: ${said(all)}`, `a module without anything: ${said(summarise(empty))}`],
    checks: [atMost('import of @aios/llm', all.median, [15, 'ms'])],
  }
}
