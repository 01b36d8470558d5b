/** Part of `npm run gpu`: proves the huggingface core on each kind of graphics card that is there, and says why it skipped the others. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AiosError, type CoreRequest, type StreamPart } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { huggingface, type HuggingfaceCore, type HuggingfaceDevice } from '@aios/llm/huggingface'
import { tinyFolder } from './tiny-folder.js'

const REQUEST: CoreRequest = {
  messages: [{ role: 'user', content: 'Say something.' }],
  temperature: 1,
  seed: 7,
  maxOutputTokens: 48,
}

/** Reads an answer; with `cutAfter` so many parts, then the rest from the state that was saved there. */
async function answer(core: HuggingfaceCore, cutAfter = Number.POSITIVE_INFINITY): Promise<string> {
  const call = fakeDriverCall()
  const parts: StreamPart[] = []
  let state: unknown
  for await (const part of core.stream!(REQUEST, call)) {
    parts.push(part)
    if (parts.length < cutAfter) continue
    state = structuredClone(await core.save!(call))
    break
  }
  if (state !== undefined) for await (const part of core.restore!(state, REQUEST, fakeDriverCall())) parts.push(part)
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

/** Proves one device: an answer, four beside each other, and one that is cut in the middle. Throws what is wrong. */
async function prove(folder: string, device: HuggingfaceDevice): Promise<string> {
  const core = huggingface(folder, { device, contextSize: 512, batch: 4 })
  await core.open?.(fakeDriverServices())
  try {
    const whole = await answer(core)
    const beside = await Promise.all([1, 2, 3, 4].map(() => answer(core)))
    if (beside.some((text) => text !== whole)) throw new Error('An answer beside others is another.')
    if ((await answer(core, 20)) !== whole) throw new Error('An answer that was cut went on differently.')
    return `${core.evaluatedTokens} tokens worked through`
  } finally {
    await core.close?.()
  }
}

const place = mkdtempSync(join(tmpdir(), 'aios-gpu-'))
const folder = tinyFolder(join(place, 'tiny'))
const count = { passed: 0, failed: 0, skipped: 0 }
for (const device of ['cuda', 'metal', 'vulkan', 'webgpu'] as const) {
  try {
    console.log(`${device}: ${await prove(folder, device)}`)
    count.passed += 1
  } catch (error) {
    const isMissing = AiosError.is(error, 'AIOS_UNSUPPORTED')
    const cause = isMissing && error.cause instanceof Error ? ` (${error.cause.message.slice(0, 120)})` : ''
    const why = error instanceof Error ? error.message : String(error)
    console.log(`${isMissing ? 'skipped ' : ''}${device}: ${why}${cause}`)
    if (isMissing) count.skipped += 1
    else count.failed += 1
  }
}
rmSync(place, { recursive: true, force: true })
console.log(`huggingface on graphics cards: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed === 0 ? 0 : 1
