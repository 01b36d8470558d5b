/** Writes what the gate needs to know of a run: totals for its closing line, and each skipped test with its reason. */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

const FOLDER = '.reports'

interface Skipped {
  readonly test: string
  readonly why: string
}

function skippedOf(test: TestCase): Skipped {
  const { note } = test.result() as { note?: string }
  return { test: `${test.module.relativeModuleId} > ${test.fullName}`, why: note ?? 'no reason given' }
}

/** Collects results at the end of a run; a file that could not load, leaked or had an unhandled error counts as a failure. */
export default class Report implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const broken = modules.filter((module) => module.errors().length > 0)
    const skipped = inState('skipped').map(skippedOf)
    for (const { test, why } of skipped) process.stderr.write(`skipped: ${test} (${why})\n`)
    const report = {
      passed: inState('passed').length,
      failed: inState('failed').length + broken.length + unhandled.length,
      broken: broken.length,
      skipped,
    }
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(process.env['AIOS_REPORT'] ?? `${FOLDER}/vitest.json`, `${JSON.stringify(report, null, 2)}\n`)
  }
}
