/** Opens huggingface cores over tiny models. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyFolder, tokenId, type TinyFolderOptions } from '@aios/ground-huggingface'
import type { CoreRequest } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { huggingface, type HuggingfaceCore, type HuggingfaceOptions, type LogitsInput } from '@aios/llm/huggingface'

/** Makes tiny models in folders that are removed together. */
export function tinyFolders(): { make(name: string, options?: TinyFolderOptions): string; remove(): void } {
  const place = mkdtempSync(join(tmpdir(), 'aios-hf-'))
  return {
    make: (name, options) => tinyFolder(join(place, name), options),
    remove: () => {
      rmSync(place, { recursive: true, force: true })
    },
  }
}

export async function openCore(folder: string, options: HuggingfaceOptions = {}): Promise<HuggingfaceCore> {
  const core = huggingface(folder, { device: 'cpu', threads: 1, ...options })
  await core.open?.(fakeDriverServices(virtualClock()))
  return core
}

/** Makes the model say a text, a byte a token, and end its turn: as one that knows what to say. Without a text it is left alone. */
export function saying(text: (request: CoreRequest) => string | undefined): (input: LogitsInput) => void {
  const end = tokenId('<|im_end|>')
  return ({ request, tokens, logits }) => {
    const wanted = text(request)
    if (wanted !== undefined) logits.fill(Number.NEGATIVE_INFINITY)[Buffer.from(wanted)[tokens.length] ?? end] = 0
  }
}
