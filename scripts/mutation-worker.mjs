// Judges seeded bugs for mutate.mjs, which starts it: one vitest for many bugs, so that what a bug does not touch is
// compiled once. Gets { entry, report } and answers { output } when the tests have run and vitest wrote that report.
import { join } from 'node:path'
import { createVitest } from 'vitest/node'
import { root } from './exec.mjs'

const vitest = await createVitest('test', {
  root,
  watch: false,
  bail: 1,
  // There are as many judges as cores.
  maxWorkers: 1,
  reporters: [join(root, 'tests', 'setup', 'report.ts')],
})

async function judge({ entry, report }) {
  const file = join(root, entry.file)
  process.env.AIOS_MUTANT = JSON.stringify(entry)
  process.env.AIOS_REPORT = report
  vitest.invalidateFile(file)
  const specifications = await vitest.globTestSpecifications(entry.tests)
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
  vitest.invalidateFile(file)
  const errors = [...testModules.flatMap((module) => module.errors()), ...unhandledErrors]
  return errors.map((error) => error.stack ?? error.message).join('\n')
}

process.on('message', (task) => {
  judge(task).then(
    (output) => process.send({ output }),
    (error) => process.send({ output: error.stack }),
  )
})
process.send('ready')
