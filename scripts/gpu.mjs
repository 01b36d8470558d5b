// `npm run gpu`: proves each local core on whatever graphics card is there, and says why it skipped the rest.
import { join } from 'node:path'
import { exec, root } from './exec.mjs'

for (const core of ['gguf', 'huggingface']) {
  const script = join(root, 'tests', 'ground', core, 'src', 'gpu.ts')
  const args = ['--conditions=@aios/source', '--import', 'tsx', script]
  const { code } = await exec(process.execPath, args, { show: true })
  if (code !== 0) process.exitCode = 1
}
