// `npm run bench -- TOPIC [--floor] [--json]`: bundles the benchmarks as the packages are built, so that no
// loader changes the code that is measured, and runs one topic in a process of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Options } from 'tsup'

const TOPICS = [
  'syscall',
  'backlog',
  'agents',
  'live-agents',
  'open-loop',
  'step',
  'chaos',
  'loopback',
  'batch',
  'limits',
  'preempt',
  'records',
  'journal',
  'memory',
]
const FLAGS = ['--floor', '--json']

/** A native library is loaded from where it is installed. */
const nativeStaysHome: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'native-stays-home',
  setup(build) {
    const storage = createRequire(new URL('../../packages/storage/package.json', import.meta.url))
    build.onResolve({ filter: /^lmdb$/ }, () => ({
      path: pathToFileURL(join(dirname(storage.resolve('lmdb')), '..', 'node-index.js')).href,
      external: true,
    }))
  },
}

async function bundle(folder: string): Promise<string> {
  await build({
    entry: { bench: fileURLToPath(new URL('./child.ts', import.meta.url)) },
    outDir: folder,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    noExternal: [/.*/],
    esbuildPlugins: [nativeStaysHome],
    config: false,
    silent: true,
    // Some rivals ask for modules of Node the old way.
    banner: { js: "import { createRequire as __cjs } from 'node:module';const require = __cjs(import.meta.url);" },
    outExtension: () => ({ js: '.mjs' }),
    esbuildOptions: (options) => {
      options.conditions = ['@aios/source']
    },
  })
  return join(folder, 'bench.mjs')
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', ...args], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => {
      resolve(code ?? 1)
    })
  })
}

const given = process.argv.slice(2)
const [topic = ''] = given.filter((word) => !word.startsWith('--'))
const unknown = given.filter((word) => word !== topic && !FLAGS.includes(word))
if (!TOPICS.includes(topic) || unknown.length > 0) {
  console.error(`Expected ${TOPICS.join(', ')} and maybe ${FLAGS.join(', ')}, got "${given.join(' ')}".`)
  process.exit(1)
}
const folder = await mkdtemp(join(tmpdir(), 'aios-bench-'))
try {
  const mode = given.includes('--floor') ? 'floor' : 'full'
  const format = given.includes('--json') ? 'json' : 'text'
  process.exitCode = await run([await bundle(folder), topic, mode, format, `npm run bench -- ${given.join(' ')}`])
} finally {
  await rm(folder, { recursive: true })
}
