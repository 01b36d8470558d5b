import { defineConfig } from 'vitest/config'
import { mutant } from './tests/mutation/mutant.js'

// Tests run against the sources, so they need no build. AIOS_TEST_BUILT=1 runs them against packages/*/dist.
const source = process.env['AIOS_TEST_BUILT'] === '1' ? [] : ['@aios/source']
const conditions = [...source, 'module', 'node', 'import', 'default']

export default defineConfig({
  plugins: [mutant()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    // The default keeps one core back: half the machine, where there are two.
    maxWorkers: '100%',
    // Node, told of the condition "module", finds files of @opentelemetry/api that only a bundler can import.
    server: { deps: { inline: [/[/]node_modules[/](?:ai|@opentelemetry[/]api)[/]/] } },
    setupFiles: ['tests/setup/loopback.ts', 'tests/setup/leaks.ts'],
    reporters: ['default', './tests/setup/report.ts'],
    env: { OPENAI_API_KEY: '', OLLAMA_HOST: '' },
    // Long enough for a machine that does other things beside, short enough for what hangs.
    testTimeout: process.env['AIOS_PROOF'] === '1' ? 3_600_000 : 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: {
      provider: 'v8',
      // A folder of its own, so that two runs do not clear each other's.
      reportsDirectory: `.reports/coverage/${process.pid}`,
      include: ['packages/*/src/**/*.ts'],
      // Runs only in processes of its own, which are killed or end before anybody could count.
      exclude: [
        'packages/kernel/src/testing/records/{crash-workload,crash-writer,register-workload}.ts',
        'packages/sdk/src/cli/main.ts',
      ],
      reporter: [['text', { skipFull: true }]],
      thresholds: {
        'packages/kernel/src/**': { branches: 95 },
        'packages/llm/src/**': { branches: 90 },
        'packages/memory/src/**': { branches: 90 },
        'packages/storage/src/**': { branches: 90 },
        'packages/tools/src/**': { branches: 90 },
        'packages/sdk/src/**': { branches: 90 },
      },
    },
  },
})
