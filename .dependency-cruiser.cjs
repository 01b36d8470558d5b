// The star: kernel <- { llm, memory, storage, tools } <- sdk. Everything else follows from it.
const { readFileSync } = require('node:fs')

const DEVICES = '(llm|memory|storage|tools)'
const ENTRY = entryPoints().join('|')

/** The files by which packages may be entered, as patterns: whatever their export maps name. */
function entryPoints() {
  return ['kernel', 'llm', 'memory', 'storage', 'tools', 'sdk'].flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
    const sources = Object.values(exports).map((target) => target['@aios/source'])
    return sources.filter(Boolean).map((source) => `^packages/${name}/${source.slice(2).replaceAll('.', '[.]')}$`)
  })
}

/** Folders of drivers: each stands alone behind the contract and next to its vendor's SDK. */
const DRIVERS = {
  llm: ['ai-sdk', 'anthropic', 'gguf', 'google', 'google-generative-ai', 'huggingface', 'ollama', 'openai'],
  memory: [],
  storage: ['lmdb', 'redis'],
  tools: [],
}
const VENDORS = {
  '@anthropic-ai/sdk': '^packages/llm/src/anthropic/',
  '@google/genai': '^packages/llm/src/google/',
  '@google/generative-ai': '^packages/llm/src/google-generative-ai/',
  '@huggingface/transformers': '^packages/llm/src/huggingface/',
  'groq-sdk': '^packages/llm/src/groq/',
  'node-llama-cpp': '^packages/llm/src/gguf/',
  ollama: '^packages/llm/src/ollama/',
  openai: '^packages/llm/src/openai/',
  lmdb: '^packages/storage/src/lmdb/',
  redis: '^packages/storage/src/redis/',
}

const driversAreStrangers = Object.entries(DRIVERS)
  .filter(([, folders]) => folders.length > 1)
  .map(([name, folders]) => ({
    name: `${name}-drivers-are-strangers`,
    comment: 'A driver may import its contract and its package, never another driver.',
    severity: 'error',
    from: { path: `^packages/${name}/src/(${folders.join('|')})/` },
    to: { path: `^packages/${name}/src/(${folders.join('|')})/`, pathNot: `^packages/${name}/src/$1/` },
  }))

const vendorsStayHome = Object.entries(VENDORS).map(([vendor, home]) => ({
  name: `vendor-${vendor}-stays-home`,
  comment: `Only ${home} may know the SDK "${vendor}".`,
  severity: 'error',
  from: { path: '^(packages|examples)/', pathNot: home },
  to: { path: `(^|/)node_modules/${vendor}/` },
}))

module.exports = {
  forbidden: [
    {
      name: 'devices-load-the-contract-alone',
      comment: 'At run time a driver needs @aios/kernel/driver; the kernel itself is loaded by whoever creates one.',
      severity: 'error',
      from: { path: `^packages/${DEVICES}/src/`, pathNot: '/testing/' },
      to: { path: '^packages/kernel/src/index[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-missing',
      comment: 'A bin file points at dist, which needs no build to be judged.',
      severity: 'error',
      from: { pathNot: '^packages/[^/]+/bin/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'kernel-is-the-centre',
      comment: 'The kernel imports no other package of the house.',
      severity: 'error',
      from: { path: '^packages/kernel/' },
      to: { path: `^packages/(${DEVICES}|sdk)/` },
    },
    {
      name: 'devices-know-only-the-kernel',
      severity: 'error',
      from: { path: `^packages/${DEVICES}/` },
      to: { path: '^packages/', pathNot: '^packages/($1|kernel)/' },
    },
    {
      name: 'packages-know-no-examples-or-tests',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(examples|tests|scripts)/' },
    },
    {
      name: 'kernel-does-no-io',
      comment:
        'zlib, crypto and v8 to compute, os for the name of the machine; a suite that kills child processes may start them.',
      severity: 'error',
      from: { path: '^packages/kernel/src/', pathNot: '^packages/kernel/src/testing/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(async_hooks|util|events|zlib|crypto|v8|os)$' },
    },
    {
      name: 'only-what-is-declared',
      comment: 'What ships may import only its own dependencies and peers.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-bundled'],
        dependencyTypesNot: ['npm-peer', 'npm', 'npm-optional'],
      },
    },
    {
      name: 'packages-enter-by-the-front-door',
      comment: 'Internals of a package are shut: other packages come in through its exports.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^packages/$1/', ENTRY] },
    },
    {
      name: 'examples-enter-by-the-front-door',
      severity: 'error',
      from: { path: '^(examples|tests/(conformance|integration|docs|type-level|bench|consumer))/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ENTRY },
    },
    {
      name: 'unit-tests-open-only-their-own-package',
      comment: 'tests/kernel may look inside packages/kernel, and inside no other package.',
      severity: 'error',
      from: { path: `^tests/(kernel|${DEVICES}|sdk)/` },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^packages/$1/', ENTRY] },
    },
    ...driversAreStrangers,
    ...vendorsStayHome,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages/[^/]+/dist|tests/[.]fences)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@aios/source', 'import', 'require', 'node', 'types', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
