// `npm run gpu`: proves each local core on whatever graphics card is there, and says why it skipped the rest.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './exec.mjs'

for (const core of ['gguf', 'huggingface']) {
  const script = join(root, 'tests', 'ground', core, 'src', 'gpu.ts')
  const args = ['--conditions=@aios/source', '--import', 'tsx', script]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
