// Measures one topic: `<topic> full|floor text|json <the command to print>`.
import { loadavg } from 'node:os'
import { thisMachine } from './measure/machine.js'
import { allChecks, keeps, reportText, type Report } from './measure/report.js'
import type { Mode } from './topic/mode.js'
import { syscall } from './topic/syscall.js'
import { backlog } from './topic/backlog.js'
import { agents } from './topic/agents.js'
import { batch } from './topic/batch.js'

const TOPICS = { syscall, backlog, agents, batch } as const

const [name, mode, format, command] = process.argv.slice(2) as [keyof typeof TOPICS, Mode, 'text' | 'json', string]
const machine = thisMachine()
const from = performance.now()
const sections = await TOPICS[name](mode)
const report: Report = {
  command,
  machine,
  loadAfter: loadavg().map((load) => Math.round(load * 100) / 100),
  seconds: (performance.now() - from) / 1_000,
  sections,
}
console.log(format === 'json' ? JSON.stringify(report) : reportText(report))
process.exit(allChecks(report).every((check) => keeps(check, check.floor)) ? 0 : 1)
