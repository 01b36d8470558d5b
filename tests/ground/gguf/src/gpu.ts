/** `npm run gpu`: proves the gguf core on each kind of graphics card that is there, and says why it skipped the others. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AiosError, type CoreRequest, type StreamPart } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { gguf, type GgufCore, type GgufDevice } from '@aios/llm/gguf'
import { tinyModel } from '@aios/llm/testing'

const REQUEST: CoreRequest = {
  messages: [{ role: 'user', content: 'Say something.' }],
  temperature: 1,
  seed: 7,
  maxOutputTokens: 48,
}

function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

/** Reads a stream to its end, or so many parts of it. */
async function read(source: AsyncIterable<StreamPart>, most = Number.POSITIVE_INFINITY): Promise<StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of source) {
    parts.push(part)
    if (parts.length === most) break
  }
  return parts
}

/** Cuts an answer in the middle, and lets it go on. */
async function resumed(core: GgufCore): Promise<string> {
  const call = fakeDriverCall()
  const iterator = core.stream!(REQUEST, call)[Symbol.asyncIterator]()
  const before: StreamPart[] = []
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    before.push(next.value)
    if (before.length === 20) break
  }
  const state: unknown = structuredClone(await core.save!(call))
  await iterator.return?.()
  return textOf([...before, ...(await read(core.restore!(state, REQUEST, fakeDriverCall())))])
}

/** Proves one device: an answer, four beside each other, and one that is cut in the middle. Throws what is wrong. */
async function prove(model: string, device: GgufDevice): Promise<string> {
  const core = gguf(model, { device, contextSize: 512, batch: 4 })
  await core.open?.(fakeDriverServices())
  try {
    const whole = textOf(await read(core.stream!(REQUEST, fakeDriverCall())))
    const beside = await Promise.all([1, 2, 3, 4].map(() => read(core.stream!(REQUEST, fakeDriverCall()))))
    // Beside others a card may round otherwise, so that words differ; an end they all have.
    if (beside.some((parts) => parts.at(-1)?.type !== 'finish')) throw new Error('An answer beside others has no end.')
    if ((await resumed(core)) !== whole) throw new Error('An answer that was cut went on differently.')
    return `${core.evaluatedTokens} tokens worked through`
  } finally {
    await core.close?.()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'aios-gpu-'))
const model = tinyModel(join(folder, 'tiny.gguf'))
const count = { passed: 0, failed: 0, skipped: 0 }
for (const device of ['cuda', 'metal', 'vulkan'] as const) {
  try {
    console.log(`${device}: ${await prove(model, device)}`)
    count.passed += 1
  } catch (error) {
    const isMissing = AiosError.is(error, 'AIOS_UNSUPPORTED')
    console.log(`${isMissing ? 'skipped ' : ''}${device}: ${error instanceof Error ? error.message : String(error)}`)
    if (isMissing) count.skipped += 1
    else count.failed += 1
  }
}
rmSync(folder, { recursive: true, force: true })
console.log(`gguf on graphics cards: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed === 0 ? 0 : 1
