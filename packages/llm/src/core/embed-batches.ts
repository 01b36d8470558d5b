import { AiosError, type CoreEmbedReply, type CoreEmbedRequest, type Usage } from '@aios/kernel/driver'

type Counts = Readonly<Record<string, number | undefined>>

/** Adds what every answer counted; what one of them left out is not known of all. */
function total(counts: readonly Counts[]): Record<string, number> {
  const [first = {}] = counts
  const names = Object.keys(first).filter((name) => counts.every((each) => each[name] !== undefined))
  return Object.fromEntries(names.map((name) => [name, counts.reduce((sum, each) => sum + (each[name] ?? 0), 0)]))
}

function totalUsage(usages: readonly Usage[]): Usage {
  const raw = usages.flatMap((usage) => (usage.raw === undefined ? [] : [usage.raw]))
  return {
    input: total(usages.map(({ input }) => ({ ...input }))),
    output: total(usages.map(({ output }) => ({ ...output }))),
    ...(raw.length === 0 ? {} : { raw }),
  }
}

function joined(replies: readonly CoreEmbedReply[]): CoreEmbedReply {
  const [{ model, warnings } = {}] = replies
  return {
    vectors: replies.flatMap(({ vectors }) => vectors),
    usage: totalUsage(replies.map(({ usage }) => usage)),
    ...(model === undefined ? {} : { model }),
    ...(warnings === undefined ? {} : { warnings }),
  }
}

/**
 * Asks for the vectors of many texts in as many requests as the provider's limit makes of them, one after the other.
 *
 * @param most - texts that one request may have; all of them where it is undefined
 * @param ask - makes one request
 * @throws AiosError `AIOS_LLM_INVALID_OUTPUT` if an answer has another number of vectors than its texts: those of all texts after
 * it would be those of others
 */
export async function inBatches(
  request: CoreEmbedRequest,
  most: number | undefined,
  ask: (part: CoreEmbedRequest) => Promise<CoreEmbedReply>,
): Promise<CoreEmbedReply> {
  const { input } = request
  if (most === undefined || input.length <= most) return ask(request)
  const replies: CoreEmbedReply[] = []
  for (let at = 0; at < input.length; at += most) {
    const texts = input.slice(at, at + most)
    const reply = await ask({ ...request, input: texts })
    if (reply.vectors.length !== texts.length) {
      const message = `Expected ${texts.length} vectors for texts ${at} to ${at + texts.length - 1}, got ${reply.vectors.length}. Try again later.`
      throw new AiosError('AIOS_LLM_INVALID_OUTPUT', message)
    }
    replies.push(reply)
  }
  return joined(replies)
}
