import { CORES, KEY } from '../llm/gemini/cores.js'
import { wireFailure } from '../llm/gemini/generated.js'
import { wireUsage } from '../llm/openai/ground.js'
import { AIMOCK_GAPS, aimockGround } from './aimock-ground.js'
import { proveBackend } from './backend.js'

/** What aimock cannot say in Gemini's words: each with the reason. */
const BEYOND: Readonly<Record<string, string>> = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
  "the provider's error becomes AIOS_LLM_CONTENT_FILTER, before any part": 'aimock has no promptFeedback',
}
const BEYOND_FORMER: typeof BEYOND = {
  ...BEYOND,
  "the provider's error becomes AIOS_LLM_RATE_LIMIT, before any part":
    'aimock says how long to wait in a header only, which the package does not show',
}

const because = {
  ...AIMOCK_GAPS,
  drop: 'the last piece of text comes with the finish reason, so that nothing can happen between the two',
}

const groundOf = (make: (typeof CORES)[number][1]) =>
  aimockGround({
    make: ({ url }) => make('gemini-2.5-flash', { baseURL: url, apiKey: KEY }),
    // aimock's errors have no details, so the key is refused by the status that needs none.
    failure: (failure) => ({
      status: failure.code === 'AIOS_LLM_AUTH' ? 401 : wireFailure(failure).status,
      error: { type: 'test' },
    }),
    usage: wireUsage,
    cannot: ['drop'],
  })

for (const [core, make] of CORES) {
  const beyond = core === 'google()' ? BEYOND : BEYOND_FORMER
  proveBackend({ core, over: 'aimock', because, beyond }, groundOf(make))
}
