// Plants each seeded bug of tests/mutation/*.json by itself and wants at least one test to turn red.
//   npm run mutation                      of each list every sixth
//   npm run mutation -- --all             every one
//   npm run mutation -- --only TEXT       those with TEXT in file or name
// An entry: { name, file, find, replace, tests: [path, …] }. `find` stands exactly once in `file`.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parallel, root, start } from './exec.mjs'

const FOLDER = join(root, 'tests', 'mutation')
const REPORTS = join(root, '.reports', 'mutation')
const TIME_LIMIT_MS = 60_000
/** One in so many of a list is planted in every check; all of them are in `npm run proof`. */
const IN_SHORT = 6

function load() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return files.flatMap((name) => {
    const list = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
    return list.map((entry, index) => ({ ...entry, inShort: index % IN_SHORT === 0 }))
  })
}

/** Says what is wrong with an entry itself, or nothing. */
function flawOf({ file, find, replace, tests }) {
  if (!existsSync(join(root, file))) return `there is no ${file}`
  const occurrences = readFileSync(join(root, file), 'utf8').split(find).length - 1
  if (occurrences !== 1) return `"find" stands ${occurrences} times in ${file}, expected once`
  if (find === replace) return 'it changes nothing'
  if (!tests?.length) return 'it names no tests'
  const missing = tests.find((path) => !existsSync(join(root, path)))
  return missing && `there is no ${missing}`
}

/** Has a worker run the tests of an entry with its bug planted. One that took too long, or ended, is not asked again. */
async function run(workers, task) {
  const worker = workers.pop() ?? start(join(root, 'scripts', 'mutation-worker.mjs'))
  const answer = await worker.ask(task, TIME_LIMIT_MS)
  if (!answer.late && !answer.gone) workers.push(worker)
  return answer
}

/** Says what became of one entry: `killed` if a test turned red, and only then. */
async function judge(workers, entry, index) {
  const flaw = flawOf(entry)
  if (flaw) return { entry, verdict: 'INVALID', note: flaw }
  const report = join(REPORTS, `${index}.json`)
  const { late, output } = await run(workers, { entry, report })
  if (late) return { entry, verdict: 'killed', note: 'by time-out' }
  if (!existsSync(report)) return { entry, verdict: 'INVALID', note: `vitest did not run:\n${output}` }
  const { passed, failed, broken } = JSON.parse(readFileSync(report, 'utf8'))
  if (failed === 0) return { entry, verdict: 'SURVIVED', note: `${passed} tests stayed green` }
  if (failed === broken && passed === 0) return { entry, verdict: 'INVALID', note: `nothing could load:\n${output}` }
  return { entry, verdict: 'killed', note: '' }
}

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : ''
const isWhole = only !== '' || process.argv.includes('--all')
const known = load().filter(({ name, file }) => `${name} ${file}`.includes(only))
// An entry that no longer fits its source is wrong whether or not it runs this time.
const entries = known.filter((entry) => isWhole || entry.inShort || flawOf(entry))
rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS, { recursive: true })
const workers = []
const results = await parallel(
  entries.map((entry, index) => async () => {
    const result = await judge(workers, entry, index)
    console.log(
      `${result.verdict.padEnd(8)} ${entry.file.padEnd(48)} ${entry.name}${result.note && ` (${result.note})`}`,
    )
    return result
  }),
)
for (const worker of workers) worker.end()
const missed = results.filter(({ verdict }) => verdict !== 'killed')
// Once more at the end, where who reads only the last lines finds them.
for (const { verdict, entry } of missed) console.log(`${verdict.padEnd(8)} ${entry.file.padEnd(48)} ${entry.name}`)
const killed = results.length - missed.length
const left = known.length - entries.length
console.log(`${killed} of ${entries.length} seeded bugs turn a test red${left > 0 ? `; ${left} more with --all` : ''}`)
if (killed < entries.length || entries.length === 0) process.exitCode = 1
