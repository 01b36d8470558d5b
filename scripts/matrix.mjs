// For each Node that we promise to support: parses every built file, runs the consumer's program, and runs against the
// built packages those tests that enter by the front door.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram, withConsumer } from './consumer.mjs'
import { environment, exec, parallel, root } from './exec.mjs'
import { packages } from './workspace.mjs'

const FRONT_DOOR_TESTS = ['tests/conformance', 'tests/integration']
/** Those that start children from the sources, whatever was built. */
const FROM_SOURCES = ['tests/integration/kill/**', 'tests/integration/on-disk/**']
const others = ['22', '24'].map((major) => ({
  name: `node ${major}`,
  path: join(root, 'tests', 'ground', 'nodes', 'node_modules', `node-${major}`, 'bin', 'node'),
}))
const nodes = [{ name: `node ${process.versions.node}`, path: process.execPath }, ...others]

const builtFiles = packages().flatMap(({ folder }) => {
  const dist = join(folder, 'dist')
  return readdirSync(dist, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(dist, file))
})

async function parse(node) {
  const results = await parallel(builtFiles.map((file) => () => exec(node.path, ['--check', file])))
  const broken = results.filter(({ code }) => code !== 0)
  console.log(`${broken.length === 0 ? 'ok    ' : 'FAILED'} ${node.name} parses ${builtFiles.length} files`)
  for (const { output } of broken) console.error(output)
  return broken.length
}

async function test(node) {
  const env = environment({ AIOS_TEST_BUILT: '1', AIOS_REPORT: join(root, '.reports', 'matrix.json') })
  const left = FROM_SOURCES.map((pattern) => `--exclude=${pattern}`)
  const args = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...FRONT_DOOR_TESTS, ...left]
  const { code, output } = await exec(node.path, args, { env })
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${node.name} passes ${FRONT_DOOR_TESTS.join(' and ')}`)
  if (code !== 0) console.error(output)
  return code === 0 ? 0 : 1
}

const failures = await withConsumer(async (folder) => {
  let sum = 0
  for (const node of nodes) {
    if (existsSync(node.path)) {
      sum += (await parse(node)) + (await runProgram(folder, node.path, node.name)) + (await test(node))
    } else console.log(`skipped ${node.name}: its binary comes only for Linux on x64`)
  }
  return sum
})
if (failures > 0 || builtFiles.length === 0) process.exitCode = 1
