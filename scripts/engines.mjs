// Fails if the lock file holds a package that says it does not run on the oldest Node that this repository supports,
// or says where a package was fetched from.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './exec.mjs'
import { satisfies } from './version-range.mjs'

const OLDEST = [20, 19, 0]
/** Packages that may exclude it, each with its reason. */
const V4 =
  'the only packages of specification v4 there are; what the tests use of them runs, and nobody else installs them'
const ALLOWED = {
  '@ai-sdk/anthropic@4.0.105': V4,
  '@ai-sdk/openai-compatible@3.0.92': V4,
  '@ai-sdk/provider-utils@5.0.81': V4,
  '@ai-sdk/provider@4.0.38': V4,
}

const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
const entries = [...lock.matchAll(/^ {2}'?([^\s'][^\n']*?)'?:\n(?: {4}.*\n)*? {4}engines: \{.*?node: ([^,}]+).*\}/gm)]
const refusing = entries
  .map(([, name, range]) => ({ name, range: range.trim().replaceAll(/['"]/g, '') }))
  .filter(({ name, range }) => !(name in ALLOWED) && !satisfies(OLDEST, range))

const problems = refusing.map(({ name, range }) => `${name} wants node ${range}`)
if (entries.length === 0) problems.push('found no engines in the lock file: has its format changed?')
if (/\btarball:|https?:\/\//.test(lock)) problems.push('the lock file records where a package came from')

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else {
  for (const [name, reason] of Object.entries(ALLOWED)) console.log(`allowed: ${name} (${reason})`)
  console.log(`${entries.length} packages name their engines; all others run on Node ${OLDEST.join('.')}`)
}
