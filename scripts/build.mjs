// Builds every package, each once those it depends on are there. Names given as arguments narrow it: `npm run build -- kernel`.
import { join } from 'node:path'
import { must, root } from './exec.mjs'
import { packages } from './workspace.mjs'

const wanted = process.argv.slice(2)
const done = new Map()

async function build({ folder, manifest }) {
  await Promise.all(Object.keys(manifest.dependencies ?? {}).map((name) => done.get(name)))
  await must('tsup', ['--config', join(root, 'tsup.config.ts')], { cwd: folder })
  console.log(`built ${manifest.name}`)
}

for (const member of packages()) {
  if (wanted.length === 0 || wanted.includes(member.name)) done.set(member.manifest.name, build(member))
}
await Promise.all(done.values())
