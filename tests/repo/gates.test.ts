import { describe, expect, it } from 'vitest'
import { GATES } from '../../scripts/gates.mjs'
import { filesBelow, manifestOf, read } from './tree.js'

const scripts = manifestOf('.').scripts ?? {}

describe('gates', () => {
  it('are each an npm script that a person can run alone', () => {
    expect(GATES.filter(({ name }) => scripts[name] === undefined)).toEqual([])
  })

  it('are each explained in CONTRIBUTING.md', () => {
    const page = read('CONTRIBUTING.md')
    expect(GATES.filter(({ name }) => !page.includes(`\`npm run ${name}\``))).toEqual([])
  })

  it('wait only for gates that start before them', () => {
    const names = GATES.map(({ name }) => name)
    for (const [index, { after }] of GATES.entries()) {
      if (after !== undefined) expect(names.slice(0, index)).toContain(after)
    }
  })

  it('leave no script of the repository without a use', () => {
    const commands = Object.values(scripts).join('\n')
    const files = filesBelow('scripts')
    const isUsed = (path: string) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      return (
        commands.includes(path) ||
        [...files, 'eslint.config.js'].some((other) => other !== path && read(other).includes(name))
      )
    }
    expect(files.filter((path) => !isUsed(path))).toEqual([])
  })
})

describe('README', () => {
  it('names the two commands that a newcomer needs', () => {
    const page = read('README.md')
    expect(page).toContain('npm start')
    expect(page).toContain('npm test')
  })
})
