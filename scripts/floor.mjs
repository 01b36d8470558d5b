// Runs every benchmark short, and fails where a ratio is worse than half its target.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exec, root } from './exec.mjs'

const TOPICS = ['syscall', 'backlog', 'agents']

let failures = 0
if (!existsSync(join(root, 'tests', 'bench', 'run.ts')))
  console.log('there is no tests/bench/run.ts yet: nothing measured')
else {
  for (const topic of TOPICS) {
    const { code, output } = await exec(process.execPath, [join(root, 'scripts', 'bench.mjs'), topic, '--floor'])
    console.log(output.trimEnd())
    if (code !== 0) failures += 1
  }
}
if (failures > 0) process.exitCode = 1
