import { describe, expect, it } from 'vitest'
import { filesBelow, manifestOf, PACKAGES, read, ROOT } from './tree.js'

const DEVICES = ['llm', 'memory', 'storage', 'tools']
const KERNEL_MAY_DEPEND_ON = ['eventemitter3', 'p-queue']

const houseDependencies = (name: string) =>
  Object.keys(manifestOf(`packages/${name}`).dependencies ?? {}).filter((dependency) => dependency.startsWith('@aios/'))

describe('packages of the workspace', () => {
  it.each(PACKAGES)('@aios/%s is an ESM package for Node 20.19 and newer that ships its sources', (name) => {
    const manifest = manifestOf(`packages/${name}`)
    expect(manifest).toMatchObject({ name: `@aios/${name}`, type: 'module', sideEffects: false })
    expect(manifest.engines).toEqual({ node: '>=20.19' })
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src']))
    expect(manifest.version).toBe(manifestOf('packages/kernel').version)
  })

  it.each(PACKAGES)('@aios/%s has export conditions in the order in which a resolver must meet them', (name) => {
    for (const target of Object.values(manifestOf(`packages/${name}`).exports ?? {})) {
      if (typeof target === 'string') continue
      expect(Object.keys(target)).toEqual(['@aios/source', 'types', 'default'])
      const stem = target['@aios/source']?.replace('./src/', './dist/').replace(/[.]ts$/, '')
      expect([target['types'], target['default']]).toEqual([`${stem}.d.ts`, `${stem}.js`])
    }
  })

  it('form a star around the kernel', () => {
    expect(houseDependencies('kernel')).toEqual([])
    for (const device of DEVICES) expect(houseDependencies(device)).toEqual(['@aios/kernel'])
    expect(houseDependencies('sdk').sort()).toEqual(['kernel', ...DEVICES].map((name) => `@aios/${name}`))
  })

  it('give the kernel no dependency beyond events and a queue', () => {
    const dependencies = Object.keys(manifestOf('packages/kernel').dependencies ?? {})
    expect(dependencies.filter((name) => !KERNEL_MAY_DEPEND_ON.includes(name))).toEqual([])
  })

  it.each(PACKAGES)("@aios/%s leaves every vendor's SDK to its user", (name) => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(`packages/${name}`)
    for (const peer of Object.keys(peerDependencies)) expect(peerDependenciesMeta[peer]).toEqual({ optional: true })
  })

  it('are the only ones that can be published', () => {
    const manifests = filesBelow('.').filter((path) => path.endsWith('package.json'))
    const publishable = manifests.filter(
      (path) => manifestOf(path.slice(0, -'/package.json'.length) || '.').private !== true,
    )
    expect(publishable.sort()).toEqual(PACKAGES.map((name) => `packages/${name}/package.json`).sort())
  })
})

describe('dependencies', () => {
  it('are pinned to one version each, so that a lock file is not the only thing that knows', () => {
    const manifests = filesBelow('.').filter((path) => path.endsWith('package.json'))
    for (const path of manifests) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path)) as ReturnType<typeof manifestOf>
      const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, range]) =>
        /^[\^~><*]/.test(range),
      )
      expect(loose, path).toEqual([])
    }
  })
})

describe('what is committed', () => {
  it('names no place on the machine it was written on, and no registry', () => {
    const registry = /registry[.][a-z0-9-]+[.](org|com|io|dev)/
    const telling = filesBelow('.').filter((path) => {
      const text = read(path)
      return text.includes(ROOT) || registry.test(text)
    })
    expect(telling).toEqual([])
  })
})
