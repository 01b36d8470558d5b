// Packs every package as it would be published, and has publint and are-the-types-wrong judge the tarballs.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exec, must, parallel, root } from './exec.mjs'
import { packages, pnpmVersion } from './workspace.mjs'

const TARBALLS = join(root, '.reports', 'tarballs')

rmSync(TARBALLS, { recursive: true, force: true })
mkdirSync(TARBALLS, { recursive: true })
const filters = packages().flatMap(({ manifest }) => ['--filter', manifest.name])
await must('npx', ['--yes', pnpmVersion(), ...filters, 'pack', '--pack-destination', TARBALLS])

const judges = readdirSync(TARBALLS).flatMap((tarball) => [
  ['publint', ['run', '--strict', join(TARBALLS, tarball)]],
  ['attw', ['--profile', 'esm-only', '--no-emoji', join(TARBALLS, tarball)]],
])
const codes = await parallel(
  judges.map(([judge, args]) => async () => {
    const { code, output } = await exec(judge, args)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${judge} ${args.at(-1)}`)
    if (code !== 0) console.error(output)
    return code
  }),
)
if (codes.length === 0 || codes.some((code) => code !== 0)) process.exitCode = 1
