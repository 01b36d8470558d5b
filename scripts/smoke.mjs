// Installs the packed packages into an empty folder, runs a user's program there, and compiles it as a strict user would.
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram, withConsumer } from './consumer.mjs'
import { exec, root } from './exec.mjs'
import { entriesOf, packages } from './workspace.mjs'

const STRICT = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2022'],
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    types: ['node'],
  },
  include: ['*.ts'],
}

/** A program that names every entry point, so that the compiler reads every type that we publish. */
function everything() {
  const specifiers = packages().flatMap((member) => entriesOf(member).map(([specifier]) => specifier))
  return specifiers.map((specifier, i) => `export * as entry${i} from '${specifier}'`).join('\n')
}

/** Lends the folder what a user would have installed besides: a vendor's SDK and Node's types. */
function lend(folder) {
  symlinkSync(join(root, 'packages', 'llm', 'node_modules', 'openai'), join(folder, 'node_modules', 'openai'))
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
}

async function compile(folder) {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(STRICT))
  writeFileSync(join(folder, 'everything.ts'), everything())
  const { code, output } = await exec('tsc', ['-p', folder], { cwd: folder })
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} strict compile`)
  if (code !== 0) console.error(output)
  return code === 0 ? 0 : 1
}

const failures = await withConsumer(async (folder) => {
  const ran = await runProgram(folder, process.execPath, `node ${process.versions.node}`)
  lend(folder)
  return ran + (await compile(folder))
})
if (failures > 0) process.exitCode = 1
