// Holds four lists to one: each row of the syscall table has a method on Sys, a section in the docs and a test.
// Runs from the sources: node --conditions=@aios/source --import tsx scripts/onelist.mjs
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './exec.mjs'

const TABLE = 'packages/kernel/src/syscall/table.ts'
const SYS = 'packages/kernel/src/syscall/sys.ts'
const PAGE = 'docs/reference/syscalls.md'

const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '')

/** Reads the names of the rows, whether the table is an array of rows or a record of them. */
async function rowsOf(path) {
  const module = await import(join(root, path))
  const tables = Object.values(module).flatMap((value) =>
    value && typeof value === 'object' ? [Object.values(value)] : [],
  )
  const names = tables.flat().map((row) => row?.name)
  return [...new Set(names)].filter((name) => /^[a-z]+\.[a-zA-Z]+$/.test(name ?? ''))
}

/** Reads `family.verb` for every method that the interface SyscallFamilies leads to. */
function methodsOf(path) {
  const { statements } = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022)
  const members = new Map(statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node.members]))
  return (members.get('SyscallFamilies') ?? []).flatMap((family) =>
    members.get(family.type.typeName.text).map((method) => `${family.name.text}.${method.name.text}`),
  )
}

const testFiles = readdirSync(join(root, 'tests'), { recursive: true }).filter((name) => name.endsWith('.test.ts'))
const tests = testFiles.filter((name) => !name.includes('node_modules')).map((name) => read(join('tests', name)))

const rows = await rowsOf(TABLE)
const methods = methodsOf(SYS)
const sections = [...read(PAGE).matchAll(/^#+ +`?([a-z]+\.[a-zA-Z]+)/gm)].map(([, name]) => name)
const problems = [
  ...rows.filter((row) => !methods.includes(row)).map((row) => `${row}: no method in ${SYS}`),
  ...methods.filter((method) => !rows.includes(method)).map((method) => `${method}: a method of Sys without a row`),
  ...rows.filter((row) => !sections.includes(row)).map((row) => `${row}: no section in ${PAGE}`),
  ...sections
    .filter((section) => !rows.includes(section))
    .map((section) => `${section}: a section in ${PAGE} without a row`),
  ...rows
    .filter((row) => !tests.some((test) => test.includes(`'${row}'`) || test.includes(`.${row}(`)))
    .map((row) => `${row}: no test calls or names it`),
]
for (const problem of problems) console.error(problem)
console.log(`${rows.length} rows, ${methods.length} methods, ${sections.length} sections`)
if (problems.length > 0 || rows.length === 0) process.exitCode = 1
