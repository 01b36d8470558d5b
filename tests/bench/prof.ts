import { createKernel, type Priority, type SyscallOptions } from '@aios/kernel'
import { gatedMemory } from './ground/gated-memory.js'
import { promiseMemory, valueMemory, promiseCore } from './ground/no-op-devices.js'
import { seededRandom } from './ground/seeded-random.js'
const [what, n] = [process.argv[2], Number(process.argv[3])]
const PRIORITIES = ([0, 1, 2, 3, 4, 5, 6, 7] as Priority[]).map((priority): SyscallOptions => ({ priority }))
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const R = { id: 'n1' }
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
if (what === 'steady') {
  const m = gatedMemory(64)
  const k = await createKernel({ memory: m.driver })
  const random = seededRandom(1)
  const agents = Array.from({ length: 1000 }, (_, i) => k.sys({ name: 'a' + i }))
  const add = (): void => void agents[random(1000)]!.memory.get(R, PRIORITIES[random(8)])
  const f = cpu()
  globalThis.gc?.()
  const h = process.memoryUsage().heapUsed
  for (let i = 0; i < n + 64; i++) {
    add()
    if (i % 50000 === 0) await turn()
  }
  globalThis.gc?.()
  console.log('fill', ((cpu() - f) / n).toFixed(3), 'us', ((process.memoryUsage().heapUsed - h) / n).toFixed(0), 'B')
  const ops = 300_000
  for (let r = 0; r < 4; r++) {
    const from = cpu()
    for (let i = 0; i < ops;) {
      while (m.release()) {
        add()
        i++
      }
      await turn()
    }
    globalThis.gc?.()
    console.log(
      'steady',
      ((cpu() - from) / ops).toFixed(3),
      process.memoryUsage().heapUsed / 1e6,
      k.stats().lanes[0]?.queued,
    )
  }
  process.exit()
}
if (what === 'agents') {
  const calls = Number(process.argv[4])
  for (const kind of ['llm', 'memory']) {
    const k = await createKernel({ memory: promiseMemory(16), llm: promiseCore(16) })
    const C = { messages: [{ role: 'user' as const, content: 'Is it done?' }] }
    for (let r = 0; r < 6; r++) {
      const f = cpu()
      const w = performance.now()
      await Promise.all(
        Array.from({ length: n }, () =>
          k.run(async (sys) => {
            for (let i = 0; i < calls; i++) await (kind === 'llm' ? sys.llm.chat(C) : sys.memory.get(R))
          }, undefined),
        ),
      )
      console.log(
        kind,
        n,
        'agents',
        ((cpu() - f) / n / calls).toFixed(3),
        'us cpu',
        (((performance.now() - w) * 1e3) / n / calls).toFixed(2),
        'wall',
      )
    }
  }
  process.exit()
}
const llm = what === 'llm'
const k = await createKernel({
  memory: what === 'value' || what === 'full' ? valueMemory(16) : promiseMemory(16),
  llm: promiseCore(16),
})
if (what === 'full') k.on('syscall:settled', () => {})
const sys =
  what === 'full'
    ? k.sys({ name: 'bench', budget: { calls: 1e15 }, grants: { memory: ['x'], tools: [], models: [] } })
    : k.sys()
const chat = { messages: [{ role: 'user' as const, content: 'Is it done?' }] }
const burst = async (): Promise<void> => {
  const c = new Array(1000)
  for (let i = 0; i < 1000; i++) c[i] = llm ? sys.llm.chat(chat) : sys.memory.get(R)
  await Promise.all(c)
}
const bare = async (): Promise<void> => {
  const c = new Array(1000)
  for (let i = 0; i < 1000; i++) c[i] = (async () => R)()
  await Promise.all(c)
}
for (let r = 0; r < 5; r++) {
  const f = cpu()
  for (let i = 0; i < n; i++) await burst()
  const g = cpu()
  for (let i = 0; i < n; i++) await bare()
  const e = cpu()
  console.log(
    what,
    ((g - f) / n / 1000).toFixed(3),
    'bare',
    ((e - g) / n / 1000).toFixed(3),
    'ratio',
    ((g - f) / (e - g)).toFixed(2),
  )
}
