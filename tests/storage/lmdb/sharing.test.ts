import { lmdbRecords, type LmdbRecordsOptions } from '@aios/storage/lmdb'
import { afterEach, describe, expect, it } from 'vitest'
import { runs } from '../../setup/runs.js'
import { freshDirectories } from '../fresh-directory.js'
import { bytes } from './lmdb-ground.js'
import { Puppet } from './puppet.js'

const fresh = freshDirectories()
let puppets: Puppet[] = []
const start = async (count: number): Promise<Puppet[]> => {
  puppets = await Puppet.start(count)
  return puppets
}
afterEach(() => Promise.all(puppets.splice(0).map((puppet) => puppet.kill())))
const opened = async (dir: string, options?: LmdbRecordsOptions): Promise<ReturnType<typeof lmdbRecords>> => {
  const store = lmdbRecords(dir, options)
  await store.open()
  return store
}

describe('lmdbRecords of several processes', () => {
  it('loses nothing that was acknowledged while others open, write and close', async () => {
    const dir = await fresh()
    const [writer, ...others] = await start(3)
    await writer!.do('open', dir)
    await writer!.do('begin', 'steady', 4)
    const times = runs(40, 2_000)
    const said = await Promise.all(others.map((puppet, at) => puppet.do<string[]>('comeAndGo', dir, `p${at}`, times)))
    expect(await writer!.do('end')).toBeGreaterThan(0)
    const keys = new Set(await writer!.do<string[]>('keys'))
    expect(said.flat().filter((key) => !keys.has(key))).toEqual([])
    const store = await opened(dir)
    expect((await store.size('shared')).records).toBe(keys.size)
    await store.close()
  }, 600_000)
})
