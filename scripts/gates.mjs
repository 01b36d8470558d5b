// The gates, in the order in which they start. Each is the npm script of its name.

/** `after`: the gate that must have passed before. `alone`: fills both cores by itself, or measures time. */
export const GATES = [
  { name: 'format', what: 'every file looks as prettier prints it' },
  { name: 'engines', what: 'no locked package excludes Node 20' },
  { name: 'typecheck', what: 'sources, tests and examples compile, strictly' },
  { name: 'lint', what: 'sizes, names, TSDoc, no `any`, no ambient time or randomness' },
  { name: 'build', what: 'every package builds, with its types' },
  { name: 'deps', what: 'the dependency star, shut internals, no cycles' },
  { name: 'knip', what: 'no unused file, export or dependency' },
  { name: 'onelist', what: 'each syscall row has its method, its docs and its test' },
  { name: 'fresh', what: 'the generated pages of docs/reference match the sources' },
  { name: 'docs', what: 'every fence compiles, every link resolves' },
  { name: 'examples', what: 'every example checks its own outcome' },
  { name: 'coverage', what: 'every test passes, leaks nothing, dials nobody; branches are covered', alone: true },
  { name: 'pack', what: 'publint and are-the-types-wrong accept the tarballs', after: 'build' },
  { name: 'smoke', what: 'the tarballs work in an empty folder, by import and by require', after: 'pack' },
  { name: 'matrix', what: 'the built packages work on Node 20, 22 and 24', after: 'smoke' },
  { name: 'mutation', what: 'each seeded bug turns a test red', alone: true },
  { name: 'floor', what: 'each benchmark keeps half its target', alone: true },
]
