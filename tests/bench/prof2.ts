import { PQueueBacklog } from './ground/p-queue-backlog.js'
import { KernelBacklog } from './ground/kernel-backlog.js'
import { steady } from './ground/steady-backlog.js'
import { cpuMs } from './measure/cpu-time.js'
const n = Number(process.argv[2])
const t = (w: string, f: number, k = 1): void => console.log(w, n, (((cpuMs() - f) * 1e3) / k).toFixed(2), 'us')
let f = cpuMs()
const p = new PQueueBacklog(64)
await p.fill(n)
t('pq fill', f, n)
for (let r = 0; r < 3; r++) {
  f = cpuMs()
  const c = await steady('', p, 512).batch()
  t('pq hold', f, c)
}
f = cpuMs()
const k = await KernelBacklog.make(64)
await k.fill(n)
t('kernel fill', f, n)
for (let r = 0; r < 6; r++) {
  f = cpuMs()
  const c = await steady('', k, 32768).batch()
  t('kernel hold', f, c)
}
process.exit()
