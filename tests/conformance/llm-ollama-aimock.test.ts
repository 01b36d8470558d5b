import { ollama } from '@aios/llm/ollama'
import { wireUsage } from '../llm/openai/ground.js'
import { AIMOCK_GAPS, aimockGround, chatFailure } from './aimock-ground.js'
import { proveBackend } from './backend.js'

/** What aimock does not say in Ollama's words. */
const BEYOND = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
  'reported usage is passed on': 'aimock counts no tokens in the words of Ollama',
  'an answer that ended for length says so': 'aimock ends every answer of Ollama with a stop',
  'an answer that ended for content-filter says so': 'Ollama has no filter that ends an answer',
}

const ground = aimockGround({
  make: ({ url }) => ollama('test-1', { baseURL: url }),
  failure: chatFailure,
  usage: wireUsage,
  dropsAfter: 3,
  cannot: ['reasoning'],
})

const because = { ...AIMOCK_GAPS, reasoning: 'aimock shows thoughts in a field that Ollama does not have' }
proveBackend({ core: 'ollama()', over: 'aimock', because, beyond: BEYOND }, ground)
