// `npm run check [-- --all] [-- gate …]`: runs the gates, each the npm script of that name, and says how long each took.
// Stops at the first failure unless --all is given. The last line counts tests, and a failed gate as a failed test.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, exec, root } from './exec.mjs'
import { GATES } from './gates.mjs'

const WIDTH = 2
const TAIL_LINES = 80
const REPORTS = join(root, '.reports')
const TOTALS = join(REPORTS, 'totals.json')

const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts
const args = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const runAll = process.argv.includes('--all')
const gates = args.length === 0 ? GATES : GATES.filter(({ name }) => args.includes(name))

const states = new Map()
const running = new Set()
const failed = () => [...states.values()].filter((state) => state === 'failed').length

function isReady({ name, after, alone }) {
  if (states.has(name)) return false
  const isBlocked = gates.some((gate) => gate.name === after) && states.get(after) !== 'passed'
  const isCrowded = running.size >= WIDTH || (alone && running.size > 0) || [...running].some((gate) => gate.alone)
  return !isBlocked && !isCrowded
}

async function run(gate) {
  const startedAt = performance.now()
  states.set(gate.name, 'running')
  running.add(gate)
  const { code, output } = await exec(scripts[gate.name], [], { env: environment({ AIOS_REPORT: TOTALS }) })
  running.delete(gate)
  states.set(gate.name, code === 0 ? 'passed' : 'failed')
  writeFileSync(join(REPORTS, `${gate.name}.log`), output)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${gate.name.padEnd(10)} ${seconds.padStart(6)} s`)
  if (code !== 0) console.log(output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n'))
}

/** Starts whatever can start now, and again whenever a gate ends, until nothing more can. */
async function pump() {
  const started = []
  for (const gate of gates) {
    if (failed() > 0 && !runAll) break
    if (isReady(gate)) started.push(run(gate).then(pump))
  }
  await Promise.all(started)
}

mkdirSync(REPORTS, { recursive: true })
if (gates.some(({ name }) => name === 'coverage')) rmSync(TOTALS, { force: true })
const startedAt = performance.now()
await pump()

const tests = existsSync(TOTALS) ? JSON.parse(readFileSync(TOTALS, 'utf8')) : { passed: 0, failed: 0, skipped: [] }
const isTested = states.get('coverage') === 'failed' && tests.failed > 0
const notRun = gates.filter(({ name }) => !states.has(name)).map(({ name }) => name)
if (notRun.length > 0) console.log(`not run: ${notRun.join(', ')}`)
console.log(`${gates.length - notRun.length} gates in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
for (const { test, why } of tests.skipped) console.log(`skipped: ${test} (${why})`)
if (failed() > 0) process.exitCode = 1
console.log(
  `${tests.passed} passed, ${tests.failed + failed() - (isTested ? 1 : 0)} failed, ${tests.skipped.length} skipped`,
)
