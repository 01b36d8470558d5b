// `npm run sim [-- --seed 1] [--programs 2000 | --agents 1000000]`: simulates scheduling policies, and writes a report; with
// --agents it times so many instead.
import { join } from 'node:path'
import { environment, exec } from './exec.mjs'

const node = ['--conditions=@aios/source', '--import', 'tsx', join('tests', 'sim', 'run.ts'), ...process.argv.slice(2)]
const { code } = await exec(process.execPath, node, { env: environment(), show: true })
process.exitCode = code
