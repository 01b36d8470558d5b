// `npm run bench -- TOPIC [--floor] [--json]`: runs the benchmarks from the sources, with the collector at hand.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { environment, exec, root } from './exec.mjs'

const RUNNER = join('tests', 'bench', 'run.ts')

if (!existsSync(join(root, RUNNER))) {
  console.error(`there is no ${RUNNER}`)
  process.exit(1)
}
const node = ['--expose-gc', '--conditions=@aios/source', '--import', 'tsx', RUNNER, ...process.argv.slice(2)]
const { code } = await exec(process.execPath, node, { env: environment(), show: true })
process.exitCode = code
