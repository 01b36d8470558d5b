/** Runs the agent on three random assessments, then its tests. */
import { randomInt } from 'node:crypto'
import { createKernel } from '@aios/sdk'
import { scriptedCore } from '@aios/sdk/testing'
import { runTests } from './run-tests.js'
import { triage } from './triage.js'

/** Says in words what the agent looks up in a list. */
function hoursOf(priority: number): number {
  if (priority === 1) return 1
  if (priority === 2) return 4
  return priority === 3 ? 24 : 3 * 24
}

for (let round = 0; round < 3; round += 1) {
  const priority = randomInt(1, 5)
  const reason = `Reason ${randomInt(1_000_000)}`
  const garbled = randomInt(2) === 0
  const llm = scriptedCore([...(garbled ? [`{"priority": ${priority}`] : []), { json: { priority, reason } }])
  const kernel = await createKernel({ llm })
  const got = await kernel.run(triage, `Ticket ${round}`)
  await kernel.close()
  llm.assertDone()
  const isRight = got.dueInHours === hoursOf(priority) && got.reason === reason && got.priority === priority
  console.log(
    `${isRight ? 'ok   ' : 'WRONG'} priority ${priority}${garbled ? ', garbled at first' : ''}: got ${JSON.stringify(got)}`,
  )
  if (!isRight) process.exitCode = 1
}
if (!(await runTests())) process.exitCode = 1
