// `npm run bench -- TOPIC [--floor] [--json]`: bundles the benchmarks as the packages are built, so that no
// loader changes the code that is measured, and runs one topic in a process of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../setup/bundle.js'

const TOPICS = [
  'syscall',
  'backlog',
  'agents',
  'live-agents',
  'open-loop',
  'step',
  'chaos',
  'cores',
  'batch',
  'limits',
  'preempt',
  'records',
  'journal',
  'memory',
  'routing',
]
const FLAGS = ['--floor', '--json']

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', ...args], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => {
      resolve(code ?? 1)
    })
  })
}

const given = process.argv.slice(2)
const [topic = ''] = given.filter((word) => !word.startsWith('--'))
const unknown = given.filter((word) => word !== topic && !FLAGS.includes(word))
if (!TOPICS.includes(topic) || unknown.length > 0) {
  console.error(`Expected ${TOPICS.join(', ')} and maybe ${FLAGS.join(', ')}, got "${given.join(' ')}".`)
  process.exit(1)
}
const folder = await mkdtemp(join(tmpdir(), 'aios-bench-'))
try {
  const mode = given.includes('--floor') ? 'floor' : 'full'
  const format = given.includes('--json') ? 'json' : 'text'
  process.exitCode = await run([
    await bundle(new URL('./child.ts', import.meta.url), folder, 'bench'),
    topic,
    mode,
    format,
    `npm run bench -- ${given.join(' ')}`,
  ])
} finally {
  await rm(folder, { recursive: true })
}
