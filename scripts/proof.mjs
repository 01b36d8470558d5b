// `npm run proof`: the long version of what the gate does in short. Tests read it from tests/setup/runs.ts.
import { environment, exec } from './exec.mjs'

const env = environment({ AIOS_PROOF: '1' })
const { code } = await exec('vitest', ['run', ...process.argv.slice(2)], { env, show: true })
process.exitCode = code
