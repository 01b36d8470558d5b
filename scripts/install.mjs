// Sets the repository up with nothing but Node and npm, and does nothing where nothing changed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, exec, root } from './exec.mjs'
import { pnpmVersion } from './workspace.mjs'

const STAMP = join(root, 'node_modules', '.aios-setup.json')
const EVERYTHING = 'everything'
/** Is there once everything has been installed, by these scripts or by hand. */
const TOOL = join(root, 'node_modules', 'typescript')

function fingerprint() {
  const hash = createHash('sha256').update(process.version.split('.')[0])
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function isDone(scope, print) {
  if (!existsSync(STAMP)) return false
  const stamp = JSON.parse(readFileSync(STAMP, 'utf8'))
  return stamp.print === print && (stamp.scope === scope || stamp.scope === EVERYTHING)
}

/**
 * Installs what is wanted, exactly as the lock file says.
 * `wanted` is the name of one workspace package, which brings what it depends on, or `everything`.
 */
export async function install(wanted = EVERYTHING) {
  // A smaller set-up would take away the tools of whoever works here.
  const scope = existsSync(TOOL) ? EVERYTHING : wanted
  const print = fingerprint()
  if (isDone(scope, print)) return
  // pnpm always installs the root too; --prod leaves out the tools that it lists.
  console.log(scope === EVERYTHING ? 'Setting up (a minute or two, once) …' : 'Setting up (under a minute, once) …')
  const filter = scope === EVERYTHING ? [] : ['--prod', '--filter', `${scope}...`]
  const pnpm = ['--yes', pnpmVersion(), 'install', '--frozen-lockfile', '--prefer-offline', ...filter]
  const { code, output } = await exec('npx', pnpm, { env: environment({ CI: 'true' }) })
  if (code !== 0) {
    console.error(output)
    console.error('Set-up failed. It needs Node 20.19 or newer and a way to the npm registry.')
    process.exit(1)
  }
  writeFileSync(STAMP, JSON.stringify({ scope, print }))
}
