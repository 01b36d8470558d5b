import { openai } from '@aios/llm/openai'
import { responsesGround, responseUsage } from '../llm/openai/responses/ground.js'
import { AIMOCK_GAPS, aimockGround, chatFailure } from './aimock-ground.js'
import { proveBackend } from './backend.js'

const SILENT = "aimock's responses do not say why they are incomplete"
const beyond = {
  'an answer that ended for length says so': SILENT,
  'an answer that ended for content-filter says so': SILENT,
}

const aimock = aimockGround({
  make: ({ baseURL }) => openai('test-1', { api: 'responses', baseURL, apiKey: 'sk-conformance' }),
  failure: chatFailure,
  usage: responseUsage,
  dropsAfter: 9,
})

const core = "openai({ api: 'responses' })"
proveBackend({ core, over: 'a server of our own' }, responsesGround)
proveBackend({ core, over: 'aimock', because: AIMOCK_GAPS, beyond }, aimock)
