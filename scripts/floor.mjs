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

// One after the other: they measure.
for (const topic of TOPICS) {
  const { code, output } = await exec(process.execPath, [join(root, 'scripts', 'bench.mjs'), topic, '--floor'])
  console.log(output.trimEnd())
  if (code !== 0) process.exitCode = 1
}
