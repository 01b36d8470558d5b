import { describe, expect, it } from 'vitest'
import type { StorageDriver } from '@aios/kernel/driver'
import type { Grants, Sys } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'

/** A storage device that gives back what it is asked, with the name of the method. */
function mirror(): StorageDriver {
  const say = (verb: string) => (request: unknown) => ({ verb, request })
  return {
    kind: 'storage',
    id: 'mirror',
    write: say('write'),
    read: say('read'),
    list: say('list'),
    stat: say('stat'),
    remove: say('remove'),
  } as never
}

describe('the storage family', () => {
  it('reaches the method of each verb', async () => {
    await using kernel = await createTestKernel({ storage: mirror() })
    const { storage } = kernel.sys()
    expect(await storage.write({ path: 'a', content: 'x' })).toEqual({
      verb: 'write',
      request: { path: 'a', content: 'x' },
    })
    expect(await storage.write({ path: 'a', content: new Uint8Array([1]) })).toMatchObject({ verb: 'write' })
    expect(await storage.read({ path: 'a', encoding: 'bytes' })).toEqual({
      verb: 'read',
      request: { path: 'a', encoding: 'bytes' },
    })
    expect(await storage.list()).toEqual({ verb: 'list', request: {} })
    expect(await storage.list({ path: 'd', recursive: true })).toMatchObject({ request: { recursive: true } })
    expect(await storage.stat({ path: 'a' })).toMatchObject({ verb: 'stat' })
    expect(await storage.remove({ path: 'a' })).toMatchObject({ verb: 'remove' })
  })

  const read =
    (path: string) =>
    (sys: Sys): Promise<unknown> =>
      sys.storage.read({ path })
  const write =
    (path: string) =>
    (sys: Sys): Promise<unknown> =>
      sys.storage.write({ path, content: '' })
  const list = (sys: Sys): Promise<unknown> => sys.storage.list()
  const grants: Grants = { storage: ['out', { path: 'in/', mode: 'ro' }] }

  it.each([
    ['reads below what was granted', read('in/a/b'), true],
    ['reads what was granted itself', read('./in'), true],
    ['writes where writing was granted', write('out/x'), true],
    ['does not write where only reading was', write('in/x'), false],
    ['does not read beside it', read('other/x'), false],
    ['does not take a name that only begins alike', read('input'), false],
    ['does not climb out of it', read('in/../other/x'), false],
    ['does not climb by backslashes either', read('in\\..\\other'), false],
    ['does not list the root', list, false],
  ])('%s', async (_what, ask, allowed) => {
    await using kernel = await createTestKernel({ storage: mirror() })
    const answer = kernel.run(ask, undefined, { grants })
    if (allowed) expect(await answer).toMatchObject({ request: {} })
    else
      await expect(answer).rejects.toMatchObject({
        code: 'AIOS_ACCESS_DENIED',
        message: expect.stringContaining('granted: out') as string,
      })
  })

  it('grants everything with the root, and nothing with an empty list', async () => {
    await using kernel = await createTestKernel({ storage: mirror() })
    expect(await kernel.run(list, undefined, { grants: { storage: ['.'] } })).toMatchObject({ verb: 'list' })
    await expect(kernel.run(read('a'), undefined, { grants: { storage: [] } })).rejects.toMatchObject({
      message: expect.stringContaining('granted: nothing') as string,
    })
  })

  it.each([
    ['write', { path: 'a' }, /a string or a Uint8Array for "content"/],
    ['write', { path: '', content: '' }, /for "path"/],
    ['read', { path: 'a', encoding: 'latin1' }, /one of "utf8", "bytes"/],
    ['remove', { path: 'a', force: true }, /got "force"/],
    ['list', { recursive: 1 }, /true or false for "recursive"/],
  ])('refuses storage.%s with %j', async (verb, request, message) => {
    await using kernel = await createTestKernel({ storage: mirror() })
    await expect(kernel.sys().call(`storage.${verb}`, request)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringMatching(message) as string,
    })
  })
})
