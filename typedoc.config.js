import { relative } from 'node:path'
import { root } from './scripts/exec.mjs'
import { entriesOf, packages } from './scripts/workspace.mjs'

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: packages().flatMap((member) =>
    entriesOf(member).map(([, source]) => relative(root, `${member.folder}/${source}`)),
  ),
  name: 'AIOS for TypeScript',
  tsconfig: 'tsconfig.json',
  out: 'docs/reference/api',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  treatWarningsAsErrors: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  disableSources: true,
  // The gate that compiles everything is another one.
  skipErrorChecking: true,
}
