// `npm run proof [-- FILES]`: the long version of what the gate does in short. Tests read it from tests/setup/runs.ts. Without
// arguments every seeded bug is planted afterwards, too.
import { join } from 'node:path'
import { environment, exec, root } from './exec.mjs'

const given = process.argv.slice(2)
const env = environment({ AIOS_PROOF: '1' })
const tests = await exec('vitest', ['run', ...given], { env, show: true })
process.exitCode = tests.code
if (given.length === 0 && tests.code === 0) {
  const { code } = await exec(process.execPath, [join(root, 'scripts', 'mutate.mjs'), '--all'], { show: true })
  process.exitCode = code
}
