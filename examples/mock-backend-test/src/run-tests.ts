import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

/** Runs the tests of this folder against the sources of the packages. Returns whether all of them passed. */
export async function runTests(): Promise<boolean> {
  const conditions = ['@aios/source', 'module', 'node', 'import', 'default']
  const vitest = await startVitest(
    'test',
    [],
    { root: fileURLToPath(new URL('..', import.meta.url)), config: false, watch: false, include: ['src/*.test.ts'] },
    { resolve: { conditions }, ssr: { resolve: { conditions } } },
  )
  const modules = vitest.state.getTestModules()
  await vitest.close()
  return modules.length > 0 && modules.every((module) => module.ok())
}
