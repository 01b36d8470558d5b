import { describe, expect, it } from 'vitest'
import { loadPeer } from '../../../packages/llm/src/core/load-peer.js'
import { failure } from './asking.js'

const PEER = { name: '@vendor/sdk', versions: '^1', install: '@vendor/sdk@^1' }
const failing = (message: string, code?: string) => {
  const cause = Object.assign(new Error(message), { code })
  return { cause, failed: failure(loadPeer(PEER, () => Promise.reject(cause))) }
}

describe('loadPeer', () => {
  it('returns the module', async () => {
    expect(await loadPeer(PEER, () => Promise.resolve({ answer: 42 }))).toEqual({ answer: 42 })
  })

  it.each([
    ['ERR_MODULE_NOT_FOUND', "Cannot find package '@vendor/sdk' imported from /app/core.js"],
    ['MODULE_NOT_FOUND', "Cannot find module '@vendor/sdk'\nRequire stack:\n- /app/core.cjs"],
  ])('says how to install a package that is missing, as %s tells', async (code, message) => {
    const { cause, failed } = failing(message, code)
    expect(await failed).toMatchObject({
      code: 'AIOS_MISSING_PEER',
      message: 'Expected the package "@vendor/sdk" (^1) to be installed, got none. Run: npm install @vendor/sdk@^1',
      cause,
    })
  })

  it('says how to install a package that Node itself does not find', async () => {
    const peer = { name: '@vendor/not-there', versions: '^1', install: '@vendor/not-there' }
    const missing = `data:text/javascript,import '${peer.name}'`
    const failed = await failure(loadPeer(peer, () => import(/* @vite-ignore */ missing)))
    expect((failed.cause as Error).message).toContain(peer.name)
  })

  it.each([
    [
      'needs another that is missing',
      "Cannot find package 'zod' imported from /x/@vendor/sdk/a.js",
      'ERR_MODULE_NOT_FOUND',
    ],
    ['lacks a file', "Cannot find module '/x/node_modules/@vendor/sdk/a.js' imported from /x", 'ERR_MODULE_NOT_FOUND'],
    [
      'lacks its own entry',
      "Cannot find package '/x/node_modules/@vendor/sdk/a.js' imported from /x",
      'ERR_MODULE_NOT_FOUND',
    ],
    [
      'has another of its name within',
      "Cannot find package '@vendor/sdk-core' imported from /x",
      'ERR_MODULE_NOT_FOUND',
    ],
    ['has no entry for this Node', 'No "exports" main defined in \'@vendor/sdk\'', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
    ['throws', "Cannot find package '@vendor/sdk' in the cache", undefined],
  ])('says that a package is there but does not load, where it %s', async (_, message, code) => {
    const { cause, failed } = failing(message, code)
    const error = await failed
    expect(error).toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause })
    expect(error.message).toContain('which is there but failed: ')
    expect(error.message).toContain(message)
  })

  it('keeps what is thrown that is no error', async () => {
    const failed = await failure(loadPeer(PEER, () => Promise.reject('trouble')))
    expect(failed).toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause: 'trouble' })
  })
})
