/** Asks three questions about a folder made of random files and compares with what was written into them. */
import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askFolder } from './ask-folder.js'

const CITIES = ['Berlin', 'Paris', 'Oslo', 'Rome', 'Lima'] as const
const pick = <T>(from: readonly T[]): T => from[randomInt(from.length)]!

interface Question {
  readonly text: string
  /** What the answer has to contain. */
  readonly expected: string
}

/** Sums in whole cents while it writes: no parsing, no floating point. */
async function salesQuestion(root: string): Promise<Question> {
  const city = pick(CITIES)
  let cents = 0
  for (let file = 0; file < 5; file += 1) {
    const rows = Array.from({ length: randomInt(1, 40) }, () => ({
      city: pick(CITIES),
      cents: randomInt(1, 1_000_000),
    }))
    const isMeant = file === 0 || rows.some((row) => row.city === city)
    if (file === 0) rows[0] = { city, cents: randomInt(1, 1_000) }
    if (isMeant) cents += rows.reduce((sum, row) => sum + row.cents, 0)
    const lines = rows.map((row, index) => `${index},${row.city},${(row.cents / 100).toFixed(2)}`)
    await writeFile(join(root, `sales-${file}.csv`), ['id,city,amount', ...lines, ''].join('\n'))
  }
  const expected = ` is ${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')} `
  return { text: `What is the total of amount in all .csv files that contain ${city}?`, expected }
}

async function logQuestion(root: string): Promise<Question> {
  const [errors, others] = [randomInt(0, 300), randomInt(1, 3_000)]
  const lines = [
    ...Array.from({ length: errors }, (_none, index) => `ERROR ${index}`),
    ...Array.from({ length: others }, (_none, index) => `info ${index}`),
  ].sort(() => randomInt(3) - 1)
  await mkdir(join(root, 'logs'))
  await writeFile(join(root, 'logs', 'server.log'), lines.join('\n'))
  return { text: 'How many lines in server.log contain ERROR?', expected: `${errors} line` }
}

async function sizeQuestion(root: string): Promise<Question> {
  const [a, b] = [randomInt(1, 50_000), randomInt(50_000, 100_000)]
  const names = randomInt(2) === 0 ? ['left.txt', 'right.txt'] : ['right.txt', 'left.txt']
  await writeFile(join(root, names[0]!), 'x'.repeat(a))
  await writeFile(join(root, names[1]!), 'y'.repeat(b))
  return { text: 'Which of left.txt and right.txt is larger?', expected: `${names[1]} (${b} bytes) is larger` }
}

const root = await mkdtemp(join(tmpdir(), 'react-agent-'))
try {
  for (const question of [await salesQuestion(root), await logQuestion(root), await sizeQuestion(root)]) {
    const { answer, processes, stats } = await askFolder(question.text, root)
    const isRight = answer.includes(question.expected)
    const isAccounted = processes[0]?.outcome === 'fulfilled' && stats.settled >= 4 && stats.inputTokens > 0
    console.log(
      `${isRight && isAccounted ? 'ok   ' : 'WRONG'} ${question.text} expected "${question.expected.trim()}", got: ${answer}`,
    )
    if (!isRight || !isAccounted) process.exitCode = 1
  }
} finally {
  await rm(root, { recursive: true })
}
