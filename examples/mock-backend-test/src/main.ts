/** `npm start` runs the tests. In a project of your own that is `npx vitest`. */
import { runTests } from './run-tests.js'

process.exitCode = (await runTests()) ? 0 : 1
