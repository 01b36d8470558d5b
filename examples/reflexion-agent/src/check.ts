/** Has errors counted in three random logs: the first attempt must fail, a lesson must be kept, a later one must be right. */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countErrors } from './count-errors.js'

const SPELLINGS = ['error', 'ERROR', 'Error', 'eRRoR'] as const

for (let round = 0; round < 3; round += 1) {
  const lines: string[] = []
  let expected = 0
  for (const spelling of SPELLINGS) {
    const times = randomInt(1, 50)
    expected += times
    for (let index = 0; index < times; index += 1)
      lines.splice(randomInt(lines.length + 1), 0, `${index} ${spelling}: x`)
  }
  for (let index = randomInt(50); index > 0; index -= 1)
    lines.splice(randomInt(lines.length + 1), 0, `${index} all well`)
  const folder = await mkdtemp(join(tmpdir(), 'reflexion-agent-'))
  try {
    await writeFile(join(folder, 'server.log'), lines.join('\n'))
    const { result, lessons } = await countErrors(folder)
    const [first] = result.attempts
    const hasLearnt =
      first?.verdict.ok === false && first.lesson !== undefined && lessons.length === result.attempts.length - 1
    const isRight = result.accepted && hasLearnt && result.answer.startsWith(`${expected} lines `)
    console.log(
      `${isRight ? 'ok   ' : 'WRONG'} expected ${expected} after a lesson, got: ${result.attempts.map(({ answer }) => answer).join(' then: ')}`,
    )
    if (!isRight) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true })
  }
}
