import { ChangeFeeds, type RecordChange } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'
import { CHANGE_FEED_FACTS } from '../../../packages/kernel/src/limits.js'

const key = Uint8Array.of(1)
const put = (version: number, space = 'a'): RecordChange => ({ type: 'put', space, key, version })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => put(from + at))

async function buffered(feeds: ChangeFeeds, feed: AsyncIterable<RecordChange>): Promise<RecordChange[]> {
  feeds.close()
  const changes: RecordChange[] = []
  for await (const change of feed) changes.push(change)
  return changes
}

describe('change feeds', () => {
  it('keep as many changes as the limit says, and lose none of them', async () => {
    const feeds = new ChangeFeeds()
    const feed = feeds.watch()
    feeds.publish(range(0, CHANGE_FEED_FACTS))
    expect(await buffered(feeds, feed)).toEqual(range(0, CHANGE_FEED_FACTS))
  })

  it('tell what was lost in its place, and again when more is lost', async () => {
    const feeds = new ChangeFeeds()
    const feed = feeds.watch()
    feeds.publish(range(0, CHANGE_FEED_FACTS + 3))
    expect((await feed.next()).value).toEqual({ type: 'lost', count: 3 })
    expect((await feed.next()).value).toEqual(put(3))
    feeds.publish(range(CHANGE_FEED_FACTS + 3, CHANGE_FEED_FACTS + 6))
    expect((await feed.next()).value).toEqual({ type: 'lost', count: 2 })
    expect(await buffered(feeds, feed)).toEqual(range(6, CHANGE_FEED_FACTS + 6))
  })

  it('pass on what the store itself lost, to each reader, and count it if that is lost too', async () => {
    const feeds = new ChangeFeeds()
    const [all, other] = [feeds.watch(), feeds.watch({ space: 'b' })]
    feeds.publish([{ type: 'lost', count: 7 }, ...range(0, CHANGE_FEED_FACTS + 1)])
    expect((await all.next()).value).toEqual({ type: 'lost', count: 9 - 1 })
    expect((await other.next()).value).toEqual({ type: 'lost', count: 7 })
    feeds.close()
    expect(await other.next()).toEqual({ done: true, value: undefined })
  })

  it('forget a reader that leaves, whose signal aborts, or who has an aborted one', async () => {
    const feeds = new ChangeFeeds()
    const controller = new AbortController()
    const feed = feeds.watch()
    feeds.watch({ signal: controller.signal })
    expect(feeds.isWatched).toBe(true)
    await feed.return?.()
    controller.abort()
    feeds.watch({ signal: controller.signal })
    expect(feeds.isWatched).toBe(false)
    feeds.publish([put(1)])
    expect(await feed.next()).toEqual({ done: true, value: undefined })
  })

  it('drop what is buffered when the loop is left', async () => {
    const feeds = new ChangeFeeds()
    const feed = feeds.watch()
    feeds.publish(range(0, CHANGE_FEED_FACTS + 3))
    await feed.return?.()
    expect(await feed.next()).toEqual({ done: true, value: undefined })
  })
})
