// `npm run reference [-- --check]`: writes docs/reference/{syscalls,errors,events}.md from the sources, and backends.md from the
// last outcome of the conformance suite; with --check only compares, and fails if a page is stale.
import { mkdirSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './exec.mjs'

const SOURCE = 'packages/kernel/src'
const HEADER = '<!-- Written by `npm run reference` from the sources. Do not edit. -->\n\n'

const parse = (path) => {
  const text = readFileSync(join(root, SOURCE, path), 'utf8')
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
}

/** Gives the TSDoc of a node as Markdown: links become code, examples and other blocks are left out. */
function docOf(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  const text = typeof doc?.comment === 'string' ? doc.comment : (ts.getTextOfJSDocComment(doc?.comment) ?? '')
  return text.replace(/\{@link (\w+)\}/g, '`$1`').replace(/\s*\n\s*/g, ' ')
}

const interfacesOf = (file) =>
  new Map(file.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node]))

const lineOf = (node) =>
  node
    .getText()
    .replace(/^\/\*\*[^]*?\*\/\s*/, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\( /g, '(')
    .replace(/,? \)/g, ')')

function syscalls() {
  const interfaces = interfacesOf(parse('syscall/sys.ts'))
  const families = interfaces.get('SyscallFamilies').members.map((family) => {
    const methods = interfaces.get(family.type.typeName.text).members
    const rows = methods.map(
      (method) =>
        `### \`${family.name.text}.${method.name.text}\`\n\n${docOf(method)}\n\n\`\`\`text\n${lineOf(method)}\n\`\`\`\n`,
    )
    return `## ${family.name.text}\n\n${rows.join('\n')}`
  })
  const intro =
    'Every row of the syscall table, as `sys` offers it. Each takes a request and the options of `SyscallOptions`.'
  return `# Syscalls\n\n${intro}\n\n${families.join('\n')}`
}

function errors() {
  const file = parse('error/error-codes.ts')
  const table = file.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)
    .find((declaration) => declaration.name.text === 'ERROR_CODES')
  const rows = table.initializer.expression.properties.map(({ name, initializer }) => {
    const field = (key) => initializer.properties.find((property) => property.name.text === key).initializer
    const retryable = field('retryable').kind === ts.SyntaxKind.TrueKeyword
    return `| \`${name.text}\` | ${retryable ? 'yes' : 'no'} | ${field('meaning').text} |`
  })
  return `# Error codes\n\nEvery promise of the library rejects with an \`AiosError\` of one of these codes, or with the caller's own \`signal.reason\`. Codes are only ever added.\n\n| code | retryable | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

function events() {
  const interfaces = interfacesOf(parse('event/kernel-events.ts'))
  const rows = interfaces
    .get('KernelEvents')
    .members.map(
      (member) =>
        `| \`${member.name.text}\` | \`${member.type.getText().replace(/\|/g, '\\|').replace(/\s+/g, ' ')}\` |`,
    )
  return `# Events\n\n${docOf(interfaces.get('KernelEvents'))}\n\n| event | carries |\n| --- | --- |\n${rows.join('\n')}\n`
}

/** Shows which core passes which case on which ground; a reason stands below, by its number. */
function backends() {
  const grounds = Object.entries(JSON.parse(readFileSync(join(root, 'tests/conformance/backends.json'), 'utf8')))
  const cases = [...new Set(grounds.flatMap(([, outcomes]) => Object.keys(outcomes)))].sort()
  const reasons = []
  const cellOf = (outcome) => {
    if (outcome === 'passed') return 'yes'
    if (outcome === undefined) return ''
    if (!reasons.includes(outcome)) reasons.push(outcome)
    return `(${reasons.indexOf(outcome) + 1})`
  }
  const rows = cases.map(
    (name) => `| ${[name, ...grounds.map(([, outcomes]) => cellOf(outcomes[name]))].join(' | ')} |`,
  )
  const letters = grounds.map((_, at) => letterOf(at))
  const legend = grounds.map(([title, outcomes], at) => {
    const passed = Object.values(outcomes).filter((outcome) => outcome === 'passed').length
    return `| ${letters[at]} | ${title} | ${passed} of ${cases.length} |`
  })
  const readers = readdirSync(join(root, 'tests/llm')).filter((name) =>
    existsSync(join(root, 'tests/llm', name, 'recorded.test.ts')),
  )
  return [
    '# Back ends',
    'What each core was put to: the conformance suite of `@aios/llm/testing`, on its own provider over loopback, on an independent mock server, or in the process. `npm run backends` runs it anew; every test run holds this page to the outcome. No hosted API was asked.',
    `Bytes that providers sent are read through the real packages beside that, in \`recorded.test.ts\` of ${readers.join(', ')}.`,
    `|  | core and ground | cases passed |\n| --- | --- | --- |\n${legend.join('\n')}`,
    '## Cases',
    'A number in place of yes leads to the reason below.',
    `| case | ${letters.join(' | ')} |\n| --- | ${letters.map(() => '---').join(' | ')} |\n${rows.join('\n')}`,
    '## Why a case was left out',
    reasons.map((reason, at) => `${at + 1}. ${reason}`).join('\n'),
    '',
  ].join('\n\n')
}

const letterOf = (at) =>
  (at < 26 ? '' : String.fromCharCode(64 + Math.floor(at / 26))) + String.fromCharCode(65 + (at % 26))

const isCheck = process.argv.includes('--check')
const folder = join(root, 'docs/reference')
mkdirSync(folder, { recursive: true })
for (const [name, page] of Object.entries({
  'syscalls.md': syscalls(),
  'errors.md': errors(),
  'events.md': events(),
  'backends.md': backends(),
})) {
  const path = join(folder, name)
  const text = HEADER + page
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`docs/reference/${name} is stale: run npm run reference`)
    process.exitCode = 1
  }
}
