// Holds the docs to the code: every `ts` fence of the pages and of TSDoc compiles against the sources, fences marked
// `ts run` also run, relative links resolve, and typedoc can follow every {@link}.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { exec, parallel, root } from './exec.mjs'

// Inside tests/, so that a fence can import whatever a test can.
const FENCES = join(root, 'tests', '.fences')
const TSCONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
}

function filesBelow(folder, extension) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(extension) && !/(^|\/)(node_modules|dist|docs\/reference\/api)\//.test(path))
}

/** Finds fences with the line each starts at; in TSDoc the leading stars are peeled off. */
function fencesOf(path) {
  const text = readFileSync(join(root, path), 'utf8')
  const isCode = path.endsWith('.ts')
  const opening = isCode
    ? /^[ \t]*\* ```(ts|typescript)\b(.*)\n([^]*?)^[ \t]*\* ```/gm
    : /^```(ts|typescript)\b(.*)\n([^]*?)^```/gm
  return [...text.matchAll(opening)].map((match) => ({
    path,
    line: text.slice(0, match.index).split('\n').length + 1,
    runs: match[2].trim() === 'run',
    code: isCode ? match[3].replace(/^[ \t]*\* ?/gm, '') : match[3],
  }))
}

/** Writes a fence to a file in which each line has the number it has in its source. */
function write({ path, line, code }) {
  const file = join(FENCES, `${path.replaceAll('/', '+')}@${line}.ts`)
  writeFileSync(file, '\n'.repeat(line - 1) + code)
  return file
}

async function compile(fences) {
  rmSync(FENCES, { recursive: true, force: true })
  mkdirSync(FENCES, { recursive: true })
  const files = fences.map(write)
  if (files.length === 0) return []
  writeFileSync(join(FENCES, 'tsconfig.json'), JSON.stringify({ ...TSCONFIG, files }))
  const { code, output } = await exec('tsc', ['-p', FENCES])
  if (code !== 0)
    return [output.replaceAll(/^tests\/\.fences\/(.*?)@\d+\.ts/gm, (_, name) => name.replaceAll('+', '/'))]
  const programs = fences.flatMap(({ runs }, i) => (runs ? [files[i]] : []))
  const ends = await parallel(
    programs.map((file) => () => exec(process.execPath, ['--conditions=@aios/source', '--import', 'tsx', file])),
  )
  return ends.flatMap(({ code, output }, i) =>
    code === 0 ? [] : [`${relative(FENCES, programs[i])} ran and failed:\n${output}`],
  )
}

const withoutCode = (text) =>
  text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ''))

/** Gives the anchors of a page's headings, as the usual renderers spell them. */
function anchorsOf(path) {
  const headings = readFileSync(path, 'utf8')
    .replace(/^```[^]*?^```/gm, '')
    .matchAll(/^#+ +(.*)$/gm)
  return [...headings].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

function brokenLinksOf(page) {
  const links = [...withoutCode(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
  return links.flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link)) return []
    const [file, anchor] = link.split('#')
    const target = file === '' ? join(root, page) : resolve(root, dirname(page), file)
    if (!existsSync(target)) return [`${page}: there is no ${link}`]
    if (anchor && target.endsWith('.md') && !anchorsOf(target).includes(anchor))
      return [`${page}: no heading for ${link}`]
    return []
  })
}

const topLevel = readdirSync(root).filter((name) => name.endsWith('.md'))
const pages = [
  ...topLevel,
  ...filesBelow('docs', '.md'),
  ...filesBelow('packages', '.md'),
  ...filesBelow('examples', '.md'),
]
const sources = filesBelow('packages', '.ts').filter((path) => path.includes('/src/'))
const fences = [...pages, ...sources].flatMap(fencesOf)

const [problems, links, api] = await Promise.all([
  compile(fences),
  pages.flatMap(brokenLinksOf),
  exec('typedoc', ['--emit', 'none', '--logLevel', 'Warn']),
])
for (const problem of [...problems, ...links]) console.error(problem)
if (api.code !== 0) console.error(api.output)
console.log(`${fences.length} fences in ${pages.length} pages and ${sources.length} sources`)
if (problems.length + links.length > 0 || api.code !== 0) process.exitCode = 1
rmSync(FENCES, { recursive: true, force: true })
