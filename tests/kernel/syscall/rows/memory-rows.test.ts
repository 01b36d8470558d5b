import { describe, expect, it } from 'vitest'
import type { MemoryDriver } from '@aios/kernel/driver'
import type { Sys } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'

/** A memory device that gives back what it is asked, with the name of the method. */
function mirror(): MemoryDriver {
  const say = (verb: string) => (request: unknown) => ({ verb, request })
  return {
    kind: 'memory',
    id: 'mirror',
    add: say('add'),
    get: say('get'),
    update: say('update'),
    remove: say('remove'),
    retrieve: say('retrieve'),
  } as never
}

const asked = {
  add: (sys: Sys) => sys.memory.add({ content: 'x', tags: ['t'], metadata: { a: 1 } }),
  get: (sys: Sys) => sys.memory.get({ id: '1' }),
  update: (sys: Sys) => sys.memory.update({ id: '1', content: 'y' }),
  remove: (sys: Sys) => sys.memory.remove({ id: '1' }),
  retrieve: (sys: Sys) => sys.memory.retrieve({ query: 'q', limit: 3 }),
}

describe('the memory family', () => {
  it.each(Object.entries(asked))('%s reaches its method with the namespace of the process', async (verb, ask) => {
    await using kernel = await createTestKernel({ memory: mirror() })
    const answer = await kernel.run(async (sys): Promise<unknown> => ask(sys), undefined, { name: 'ada' })
    expect(answer).toMatchObject({ verb, request: { namespace: 'ada' } })
  })

  it('passes every field on', async () => {
    await using kernel = await createTestKernel({ memory: mirror() })
    expect(await asked.add(kernel.sys())).toMatchObject({
      request: { content: 'x', tags: ['t'], metadata: { a: 1 }, namespace: 'default' },
    })
    expect(await asked.retrieve(kernel.sys())).toMatchObject({ request: { query: 'q', limit: 3 } })
  })

  it('reaches another namespace only with a grant', async () => {
    await using kernel = await createTestKernel({ memory: mirror() })
    const events = recordEvents(kernel, 'access:denied')
    const foreign = (sys: Sys): Promise<unknown> => sys.memory.get({ id: '1', namespace: 'team-red' })
    await expect(kernel.run(foreign, undefined)).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
      message: expect.stringContaining('"team-red"') as string,
    })
    expect(events.of('access:denied')).toMatchObject([{ name: 'memory.get' }])
    expect(await kernel.run(foreign, undefined, { grants: { memory: ['team-*'] } })).toMatchObject({
      request: { namespace: 'team-red' },
    })
    expect(await kernel.run(foreign, undefined, { namespace: 'team-red' })).toMatchObject({
      request: { namespace: 'team-red' },
    })
  })

  it.each([
    ['add', { content: '' }, /a string that is not empty for "content"/],
    ['add', { content: 'x', tag: ['a'] }, /got "tag"/],
    ['add', { content: 'x', tags: 'a' }, /an array for "tags"/],
    ['get', {}, /for "id", got undefined/],
    ['retrieve', { query: 'q', limit: 0 }, /from 1 to 1000 for "limit", got 0/],
  ])('refuses memory.%s with %j', async (verb, request, message) => {
    await using kernel = await createTestKernel({ memory: mirror() })
    await expect(kernel.sys().call(`memory.${verb}`, request)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringMatching(message) as string,
    })
  })
})
