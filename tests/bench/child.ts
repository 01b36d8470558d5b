// Measures one topic: `<topic> full|floor text|json <the command to print>`.
import { loadavg } from 'node:os'
import { thisMachine } from './measure/machine.js'
import { allChecks, keeps, reportText, type Report, type Section } from './measure/report.js'
import type { Mode } from './topic/mode.js'

type Topic = (mode: Mode) => Promise<readonly Section[]>

/** Each is loaded alone: what a rival does when it is loaded is nobody else's cost. */
const TOPICS: Readonly<Record<string, () => Promise<Topic>>> = {
  syscall: async () => (await import('./topic/syscall.js')).syscall,
  backlog: async () => (await import('./topic/backlog.js')).backlog,
  agents: async () => (await import('./topic/agents.js')).agents,
  batch: async () => (await import('./topic/batch.js')).batch,
  chaos: async () => (await import('./topic/chaos.js')).chaos,
  journal: async () => (await import('./topic/journal.js')).journal,
  'live-agents': async () => (await import('./topic/live-agents.js')).liveAgents,
  limits: async () => (await import('./topic/limits.js')).limits,
  memory: async () => (await import('./topic/memory.js')).memory,
  preempt: async () => (await import('./topic/preempt.js')).preempt,
  cores: async () => (await import('./topic/cores.js')).cores,
  records: async () => (await import('./topic/records.js')).records,
  'open-loop': async () => (await import('./topic/open-loop.js')).openLoop,
  routing: async () => (await import('./topic/routing.js')).routing,
  step: async () => (await import('./topic/step.js')).step,
}

const [name = '', mode, format, command] = process.argv.slice(2) as [string, Mode, 'text' | 'json', string]
const topic = await TOPICS[name]?.()
if (topic === undefined) throw new Error(`Expected one of ${Object.keys(TOPICS).join(', ')}, got "${name}".`)
const machine = thisMachine()
const from = performance.now()
const sections = await topic(mode)
const report: Report = {
  command,
  machine,
  loadAfter: loadavg().map((load) => Math.round(load * 100) / 100),
  seconds: (performance.now() - from) / 1_000,
  sections,
}
console.log(format === 'json' ? JSON.stringify(report) : reportText(report))
process.exit(allChecks(report).every((check) => keeps(check, check.floor)) ? 0 : 1)
