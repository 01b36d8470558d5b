// Plays a user outside this repository: an empty folder, our tarballs, plain npm.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec, must, root } from './exec.mjs'

const TARBALLS = join(root, '.reports', 'tarballs')
const NPM = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']

/** Makes the folder, installs the tarballs into it, hands it to `use`, and removes it whatever happens. */
export async function withConsumer(use) {
  const folder = mkdtempSync(join(tmpdir(), 'aios-consumer-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
    cpSync(join(root, 'tests', 'consumer'), folder, { recursive: true })
    const tarballs = readdirSync(TARBALLS).map((name) => join(TARBALLS, name))
    await must('npm', [...NPM, ...tarballs], { cwd: folder })
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the consumer's program once by `import` and once by `require` on one Node; gives back how many of them failed. */
export async function runProgram(folder, node, label) {
  let failures = 0
  for (const entry of ['import.mjs', 'require.cjs']) {
    const { code, output } = await exec(node, [entry], { cwd: folder, timeoutMs: 60_000 })
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${label} ${entry}`)
    if (code === 0) continue
    console.error(output)
    failures += 1
  }
  return failures
}
