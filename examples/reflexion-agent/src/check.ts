/**
 * Has errors counted in three random logs, each with a memory of its own. At the first start the first attempt must fail, a
 * lesson must be kept, and a later one must be right; at the second start, on another log, the first one must be right already.
 */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countErrors, type Counted } from './count-errors.js'

const SPELLINGS = ['error', 'ERROR', 'Error', 'eRRoR'] as const

/** Writes a random log and returns how many errors stand in it. */
async function writeLog(folder: string): Promise<number> {
  const lines: string[] = []
  let errors = 0
  for (const spelling of SPELLINGS) {
    const times = randomInt(1, 50)
    errors += times
    for (let index = 0; index < times; index += 1)
      lines.splice(randomInt(lines.length + 1), 0, `${index} ${spelling}: x`)
  }
  for (let index = randomInt(50); index > 0; index -= 1)
    lines.splice(randomInt(lines.length + 1), 0, `${index} all well`)
  await writeFile(join(folder, 'server.log'), lines.join('\n'))
  return errors
}

function report(isRight: boolean, expected: string, { result }: Counted): void {
  const answers = result.attempts.map(({ answer }) => answer).join(' then: ')
  console.log(`${isRight ? 'ok   ' : 'WRONG'} expected ${expected}, got: ${answers}`)
  if (!isRight) process.exitCode = 1
}

for (let round = 0; round < 3; round += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'reflexion-agent-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'reflexion-agent-data-'))
  try {
    let errors = await writeLog(folder)
    const first = await countErrors(folder, dataDir)
    const [attempt] = first.result.attempts
    const hasLearnt =
      attempt?.verdict.ok === false &&
      attempt.lesson !== undefined &&
      first.lessons.length === first.result.attempts.length - 1
    const isCounted = ({ result }: Counted): boolean => result.accepted && result.answer.startsWith(`${errors} lines `)
    report(hasLearnt && isCounted(first), `${errors} after a lesson`, first)

    errors = await writeLog(folder)
    const second = await countErrors(folder, dataDir)
    const ids = (counted: Counted): string => counted.lessons.map(({ id, content }) => `${id} ${content}`).join()
    const remembers = second.result.attempts.length === 1 && ids(second) === ids(first)
    report(remembers && isCounted(second), `${errors} at once after a restart`, second)
  } finally {
    await rm(folder, { recursive: true })
    await rm(dataDir, { recursive: true })
  }
}
