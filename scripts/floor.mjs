// Runs the benchmarks that are quick and steady, short, and fails where a ratio is worse than half its target.
import { join } from 'node:path'
import { exec, root } from './exec.mjs'

const TOPICS = [
  'syscall',
  'backlog',
  'agents',
  'live-agents',
  'step',
  'chaos',
  'batch',
  'limits',
  'preempt',
  'records',
  'journal',
  'memory',
  'routing',
]

const failed = []
// One after the other: they measure.
for (const topic of TOPICS) {
  const { code, output } = await exec(process.execPath, [join(root, 'scripts', 'bench.mjs'), topic, '--floor'])
  console.log(output.trimEnd())
  if (code !== 0) failed.push(topic, ...output.split('\n').filter((line) => line.includes('FLOOR MISSED')))
}
// Last, since the checks show the end of what was printed.
if (failed.length > 0) {
  console.log(`failed: ${failed.join('\n  ')}`)
  process.exitCode = 1
}
