import { build } from 'tsup'
const [entry, out] = process.argv.slice(2)
await build({
  entry: { bench: entry! },
  outDir: out!,
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  noExternal: [/.*/],
  config: false,
  silent: true,
  dts: false,
  sourcemap: false,
  splitting: false,
  outExtension: () => ({ js: '.mjs' }),
  esbuildOptions(o) {
    o.conditions = ['@aios/source']
  },
})
