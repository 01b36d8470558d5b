/** Agents that the command line finds by name, with the model that goes on where the program was killed. */
import { scriptedCore } from '@aios/llm/testing'
import type { Agent } from '@aios/sdk'

/** Asks, and asks whether that was right. */
export const twice: Agent<string, string> = async (sys, question) => {
  const first = await sys.llm.chat({ messages: [{ role: 'user', content: question }] })
  const second = await sys.llm.chat({ messages: [{ role: 'user', content: `Sure? ${first.text}` }] })
  return `${first.text} ${second.text}`
}

/** Fails after its first answer. */
export const fails: Agent<string, string> = async (sys, question) => {
  await sys.llm.chat({ messages: [{ role: 'user', content: question }] })
  throw new RangeError('out of range')
}

/** One answer: whoever asks for what is recorded, too, runs out of script. */
export const kernel = { llm: scriptedCore(['Quite.']), log: 'silent' } as const
