// `npm run bench -- syscall|backlog|agents [--floor] [--json]`
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const folder = await mkdtemp(join(tmpdir(), 'aios-bench-'))
await build({
  entry: { bench: fileURLToPath(new URL('child.ts', import.meta.url)) },
  outDir: folder, format: 'esm', platform: 'node', target: 'es2022', noExternal: [/.*/], config: false, silent: true, dts: false, sourcemap: true, splitting: false, outExtension: () => ({ js: '.mjs' }),
  esbuildOptions(options) { options.conditions = ['@aios/source'] },
})
console.log(folder)
