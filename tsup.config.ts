import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

// Runs inside one package: its export map is the list of entry points, so that nothing is named twice.
interface Manifest {
  readonly exports: Record<string, string | { readonly '@aios/source': string }>
  readonly bin?: Record<string, string>
}

const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const entries = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [] : [target['@aios/source']]))

export default defineConfig({
  entry: bin === undefined ? entries : [...entries, 'src/cli/main.ts'],
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  splitting: true,
  sourcemap: true,
  clean: true,
  silent: true,
  dts: {
    entry: entries,
    // Strict consumers compile our types with their own `lib`; this names the one thing it may lack.
    banner: '/// <reference lib="esnext.disposable" />',
    // Types come from the built packages below, as they will for whoever installs this one.
    compilerOptions: { customConditions: [], noEmit: false },
  },
})
