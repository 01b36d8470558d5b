import { createHash } from 'node:crypto'
import { recordFrame } from './record-frame.js'
import { SCHEMA } from './layout.js'
import { SESSION_TTL_MS } from './limits.js'

/** Is a program that runs inside of Redis, at one moment. */
export interface Script {
  readonly text: string
  /** SHA-1 of the text, by which Redis knows it. */
  readonly sha: string
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * Begins a session: looks whether the data is ours and returns a number that no other opener has.
 *
 * KEYS: meta, spaces. Returns `ok <number>`, `schema <found>` or `foreign`.
 */
const begin = script(`
local meta = redis.call('HMGET', KEYS[1], 'schema', 'last')
local spaces = redis.call('HLEN', KEYS[2])
if not meta[1] and (redis.call('EXISTS', KEYS[1]) == 1 or spaces > 0) then return 'foreign' end
if meta[1] and meta[1] ~= '${SCHEMA}' then return 'schema ' .. meta[1] end
local time = redis.call('TIME')
local now = string.format('%.0f', math.max((tonumber(meta[2]) or 0) + 1, time[1] * 1000000 + time[2]))
redis.call('HSET', KEYS[1], 'schema', '${SCHEMA}', 'last', now)
return 'ok ' .. now
`)

/**
 * Commits writes. Whatever can refuse them, wrong types of keys included, is looked at before the first of them is made:
 * Redis takes nothing back that a script did before it failed.
 *
 * Versions are microseconds of the server's clock, or one more than the last: so none comes twice even if the server lost
 * its latest writes.
 *
 * A session counts its writes and remembers their outcomes in a ring, so a write that comes again is not made again.
 *
 * KEYS: meta, spaces, session; of each space its keys and data.
 * ARGV: number of the write, size of the ring, channel, number of spaces, their names; of each write the number of its space,
 * `p` or `r`, key, condition or nothing, and for `p` the framed value.
 * Returns `ok <base> <removed>` (the nth write has the version base + n), `conflict <n> <found>`, `corrupt <n>`,
 * `schema <found>`, or `late` for a number that was left behind.
 */
const write = script(`
local seq = tonumber(ARGV[1])
local slot = 's' .. (seq % tonumber(ARGV[2]))
local done = redis.call('HMGET', KEYS[3], 'last', slot)
if done[1] and seq <= tonumber(done[1]) then
  local _, _, at, outcome = string.find(done[2] or '', '^(%d+) (.*)$')
  return at == ARGV[1] and outcome or 'late'
end
local meta = redis.call('HMGET', KEYS[1], 'schema', 'last', 'facts')
if meta[1] and meta[1] ~= '${SCHEMA}' then return 'schema ' .. meta[1] end
redis.call('HLEN', KEYS[2])
local spaces = tonumber(ARGV[4])
for n = 1, spaces do redis.call('ZCARD', KEYS[2 + 2 * n]) end
local first, count, lengths, n, at = 5 + spaces, #ARGV, {}, 0, 5 + spaces
while at <= count do
  n = n + 1
  local data, key, wanted = KEYS[3 + 2 * ARGV[at]], ARGV[at + 2], ARGV[at + 3]
  if wanted == '' then
    lengths[n] = redis.call('HSTRLEN', data, key)
  else
    local frame = redis.call('HGET', data, key)
    local found = 0
    if frame then
      if #frame < ${recordFrame.headBytes} or string.byte(frame, 9) ~= ${recordFrame.format} then return 'corrupt ' .. n end
      found = struct.unpack('>I8', frame)
    end
    if found ~= tonumber(wanted) then return string.format('conflict %d %.0f', n, found) end
    lengths[n] = frame and #frame or 0
  end
  at = at + (ARGV[at + 1] == 'p' and 5 or 4)
end
local time = redis.call('TIME')
local base = math.max(tonumber(meta[2]) or 0, time[1] * 1000000 + time[2])
local grown, facts, removed = {}, {}, 0
for s = 1, spaces do grown[s] = 0 end
n, at = 0, first
while at <= count do
  n = n + 1
  local s, key, before = tonumber(ARGV[at]), ARGV[at + 2], lengths[n]
  local name = ARGV[4 + s]
  if ARGV[at + 1] == 'p' then
    local body, version = ARGV[at + 4], struct.pack('>I8', base + n)
    redis.call('HSET', KEYS[3 + 2 * s], key, version .. body)
    if before == 0 then
      redis.call('ZADD', KEYS[2 + 2 * s], 0, key)
      before = ${recordFrame.headBytes} - #key
    end
    grown[s] = grown[s] + 8 + #body - before
    facts[#facts + 1] = 'p' .. version .. struct.pack('>I1I2', #name, #key) .. name .. key
    at = at + 5
  else
    if before > 0 then
      redis.call('HDEL', KEYS[3 + 2 * s], key)
      redis.call('ZREM', KEYS[2 + 2 * s], key)
      grown[s] = grown[s] - #key - before + ${recordFrame.headBytes}
      removed = removed + 1
      facts[#facts + 1] = 'r' .. struct.pack('>I8', 0) .. struct.pack('>I1I2', #name, #key) .. name .. key
    end
    at = at + 4
  end
end
local outcome = string.format('ok %.0f %d', base, removed)
if #facts == 0 then return outcome end
for s = 1, spaces do
  if grown[s] ~= 0 then redis.call('HINCRBY', KEYS[2], ARGV[4 + s], string.format('%.0f', grown[s])) end
end
local told = tonumber(meta[3]) or 0
redis.call('HSET', KEYS[1], 'schema', '${SCHEMA}', 'last', string.format('%.0f', base + n), 'facts', string.format('%.0f', told + #facts))
redis.call('HSET', KEYS[3], 'last', ARGV[1], slot, ARGV[1] .. ' ' .. outcome)
if redis.call('PTTL', KEYS[3]) < ${SESSION_TTL_MS / 2} then redis.call('PEXPIRE', KEYS[3], ${SESSION_TTL_MS}) end
redis.call('PUBLISH', ARGV[3], struct.pack('>I8', told) .. table.concat(facts))
return outcome
`)

/**
 * Reads a part of a space.
 *
 * KEYS: keys, data; then whatever else is to be kept. ARGV: `ZRANGEBYLEX` or `ZREVRANGEBYLEX`, its two bounds, most records, most
 * bytes, and for copies the milliseconds for which all KEYS are to be kept.
 * Returns 1 if there may be more, 0 if not, -1 if the copies are gone; then keys and frames by turns.
 */
const page = script(`
if ARGV[6] ~= '' then
  for _, name in ipairs(KEYS) do
    if redis.call('PEXPIRE', name, ARGV[6]) == 0 then return { -1 } end
  end
end
local keys = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])
local out, bytes = { #keys == tonumber(ARGV[4]) and 1 or 0 }, 0
for n, key in ipairs(keys) do
  bytes = bytes + redis.call('HSTRLEN', KEYS[2], key)
  if n > 1 and bytes > tonumber(ARGV[5]) then
    out[1] = 1
    break
  end
  out[#out + 1] = key
  out[#out + 1] = redis.call('HGET', KEYS[2], key)
end
return out
`)

/**
 * Counts. The keys of spaces are not declared: only the script knows which there are; all are in one slot.
 *
 * KEYS: spaces. ARGV: beginning of the names of data, space or nothing. Returns records and bytes.
 */
const size = script(`
local names = ARGV[2] ~= '' and { ARGV[2] } or redis.call('HKEYS', KEYS[1])
local records, bytes = 0, 0
for _, name in ipairs(names) do
  records = records + redis.call('HLEN', ARGV[1] .. name)
  bytes = bytes + (tonumber(redis.call('HGET', KEYS[1], name) or 0) or 0)
end
return { records, string.format('%.0f', bytes) }
`)

/**
 * Copies all spaces, so that an export has the state of one moment.
 *
 * KEYS: spaces. ARGV: beginnings of the names of keys, data, copied keys, copied data; milliseconds that copies live.
 * Returns the names of the spaces that were copied.
 */
const copy = script(`
local names = redis.call('HKEYS', KEYS[1])
local copied = {}
table.sort(names)
for _, name in ipairs(names) do
  if redis.call('ZCARD', ARGV[1] .. name) > 0 then
    for part = 1, 2 do
      redis.call('COPY', ARGV[part] .. name, ARGV[part + 2] .. name, 'REPLACE')
      redis.call('PEXPIRE', ARGV[part + 2] .. name, ARGV[5])
    end
    copied[#copied + 1] = name
  end
end
return copied
`)

/** Holds everything that runs inside of Redis. */
export const SCRIPTS = { begin, write, page, size, copy } as const
