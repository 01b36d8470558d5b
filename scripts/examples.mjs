// Runs what every example says about itself: its `check` script, without any live model. Names as arguments narrow it.
import { exec, parallel } from './exec.mjs'
import { examples } from './workspace.mjs'

const TIME_LIMIT_MS = 120_000
const wanted = process.argv.slice(2)

const checkable = examples().filter(
  ({ name, manifest }) => manifest.scripts?.check && (wanted.length === 0 || wanted.includes(name)),
)
const results = await parallel(
  checkable.map(({ name, folder, manifest }) => async () => {
    const { code, output } = await exec(manifest.scripts.check, [], { cwd: folder, timeoutMs: TIME_LIMIT_MS })
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    if (code !== 0) console.error(output)
    return code
  }),
)
if (results.length === 0) console.error('no example has a check')
if (results.length === 0 || results.some((code) => code !== 0)) process.exitCode = 1
