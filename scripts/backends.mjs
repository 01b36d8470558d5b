// `npm run backends`: puts every core to the conformance suite on each of its grounds, writes the outcome to
// tests/conformance/backends.json, and from that docs/reference/backends.md.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, exec, root } from './exec.mjs'

const fresh = join(root, '.reports/backends')
rmSync(fresh, { recursive: true, force: true })
const { code, output } = await exec('vitest run tests/conformance/llm-', [], {
  env: environment({ AIOS_BACKENDS: 'record' }),
})
console.log(output.trimEnd().split('\n').slice(-12).join('\n'))
if (code !== 0) process.exit(code)
const grounds = readdirSync(fresh).map((file) => JSON.parse(readFileSync(join(fresh, file), 'utf8')))
const all = Object.entries(Object.assign({}, ...grounds)).sort(([one], [other]) => (one < other ? -1 : 1))
const sorted = all.map(([title, outcomes]) => [title, Object.fromEntries(Object.entries(outcomes).sort())])
writeFileSync(
  join(root, 'tests/conformance/backends.json'),
  `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`,
)
const { code: written } = await exec('node scripts/reference.mjs', [], {})
process.exitCode = written
