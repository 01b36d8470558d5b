/** `npm start -- "question" [folder]` */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { askFolder } from './ask-folder.js'

const QUESTION = 'What is the total of amount in all .csv files that contain Berlin?'
const SAMPLE = fileURLToPath(new URL('sample', import.meta.url))

const [question = QUESTION, given] = process.argv.slice(2)
const folder = given === undefined ? SAMPLE : resolve(given)
if (!existsSync(folder) || !statSync(folder).isDirectory()) {
  console.error(`Expected a folder as second argument, found none at ${folder}.`)
  process.exit(2)
}

console.log(`Question: ${question}\nFolder:   ${folder}\n`)
const { answer, steps, processes, stats } = await askFolder(question, folder)
for (const { number, calls } of steps) {
  for (const { name, inputText } of calls) console.log(`  step ${number}: ${name} ${inputText.slice(0, 100)}`)
}
console.log(`\nAnswer:   ${answer}\n`)

console.log('Process table')
console.table(
  processes.map(({ pid, parentPid, name, state, outcome, usage }) => ({
    pid,
    parentPid,
    name,
    state,
    outcome,
    ...usage,
  })),
)
console.log('Accounting')
console.table(
  stats.lanes
    .filter(({ started }) => started > 0)
    .map(({ lane, policy, started, wait, turnaround }) => ({
      lane,
      policy,
      started,
      'wait ms (mean)': wait.mean.toFixed(2),
      'turnaround ms (mean)': turnaround.mean.toFixed(2),
    })),
)
console.table(stats.rows.filter(({ fulfilled, rejected, cancelled }) => fulfilled + rejected + cancelled > 0))
console.log(
  `${stats.settled} syscalls, ${stats.inputTokens} input and ${stats.outputTokens} output tokens, ${stats.uptimeMs.toFixed(0)} ms`,
)
