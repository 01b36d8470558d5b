import { AiosError } from '@aios/sdk'
import type { Agent, Message } from '@aios/sdk'
import { z } from 'zod'

const Assessment = z.object({
  /** 1 is the most urgent. */
  priority: z.int().min(1).max(4),
  reason: z.string().min(1),
})

/** Is what becomes of a support ticket. */
export interface Triage {
  readonly priority: number
  readonly reason: string
  /** Hours until somebody has to answer. */
  readonly dueInHours: number
}

const HOURS = [1, 4, 24, 72] as const
const INSTRUCTIONS =
  'Assess the urgency of a support ticket. Answer with JSON: { "priority": 1 to 4, 1 is most urgent, "reason": string }.'

/** Is the agent under test: it asks a model, checks what it gets, asks again once, and computes the rest itself. */
export const triage: Agent<string, Triage> = async (sys, ticket) => {
  const messages: Message[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: ticket },
  ]
  for (let attempt = 1; ; attempt += 1) {
    const reply = await sys.llm.chat({ messages, responseFormat: { type: 'json' }, temperature: 0 })
    const assessment = Assessment.safeParse(parseJson(reply.text))
    if (assessment.success) return { ...assessment.data, dueInHours: HOURS[assessment.data.priority - 1]! }
    const complaint = z.prettifyError(assessment.error)
    if (attempt === 2)
      throw new AiosError('AIOS_LLM_INVALID_OUTPUT', `Expected an assessment, got ${reply.text}: ${complaint}`)
    messages.push(reply.message, { role: 'user', content: `That is not valid:\n${complaint}\nAnswer again.` })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The schema says what is wrong with it.
    return text
  }
}
