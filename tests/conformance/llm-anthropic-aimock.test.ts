import { anthropic } from '@aios/llm/anthropic'
import { STOP_REASONS, wireFailure } from '../llm/anthropic/ground.js'
import { AIMOCK_GAPS, aimockGround } from './aimock-ground.js'
import { proveBackend } from './backend.js'

/** What aimock cannot say as Anthropic would. */
const BEYOND = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
}

const ground = aimockGround({
  make: ({ url }) => anthropic('test-1', { baseURL: url, apiKey: 'sk-conformance' }),
  failure(failure) {
    const { status, type } = wireFailure(failure)
    return { status, error: { type } }
  },
  usage: ({ input, output }) => ({ input_tokens: input, output_tokens: output }),
  finishes: STOP_REASONS,
  dropsAfter: 5,
})

proveBackend({ core: 'anthropic()', over: 'aimock', because: AIMOCK_GAPS, beyond: BEYOND }, ground)
