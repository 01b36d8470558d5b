// Two rules of the house that no published plugin has in this form.
import { isAbsolute, relative, sep } from 'node:path'

const BANNED_NAMES = new Set(['utils', 'util', 'common', 'shared', 'helpers', 'helper', 'types', 'misc'])
const KEBAB_CASE = /^\.?[a-z0-9]+([.-][a-z0-9]+)*$/

/** Wants kebab-case paths whose every part names one thing. */
const fileNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { banned: '"{{part}}" names no concept.', kebab: '"{{part}}" is not kebab-case.' },
  },
  create(context) {
    const path = isAbsolute(context.filename) ? relative(context.cwd, context.filename) : context.filename
    return {
      Program(node) {
        for (const part of path.split(sep)) {
          if (BANNED_NAMES.has(part.split('.')[0])) context.report({ node, messageId: 'banned', data: { part } })
          else if (!KEBAB_CASE.test(part)) context.report({ node, messageId: 'kebab', data: { part } })
        }
      },
    }
  },
}

const nameOf = (declaration) => declaration?.id?.name ?? declaration?.declarations?.[0]?.id?.name

/** Wants a TSDoc comment on whatever a file exports; the first overload speaks for its siblings. */
const documentedExports = {
  meta: { type: 'problem', schema: [], messages: { missing: 'Export "{{name}}" has no TSDoc comment.' } },
  create(context) {
    let previous
    const check = (node) => {
      if (node.source || !node.declaration) return
      const name = nameOf(node.declaration) ?? 'default'
      const isOverload = name === previous
      previous = name
      const comment = context.sourceCode.getCommentsBefore(node).findLast(({ type }) => type === 'Block')
      if (isOverload || comment?.value.startsWith('*')) return
      context.report({ node, messageId: 'missing', data: { name } })
    }
    return { ExportNamedDeclaration: check, ExportDefaultDeclaration: check }
  },
}

export default { rules: { 'file-names': fileNames, 'documented-exports': documentedExports } }
