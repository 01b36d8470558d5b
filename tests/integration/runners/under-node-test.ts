/** Runs the sample under node:test; `node --test` is given this file. */
import { test } from 'node:test'
import { SAMPLE_CASES } from './sample-suite.js'

// eslint-disable-next-line @typescript-eslint/no-floating-promises -- the runner waits for its tests by itself
for (const [name, run] of Object.entries(SAMPLE_CASES)) test(name, run)
