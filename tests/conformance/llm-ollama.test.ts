import { ollamaGround } from '../llm/ollama/ground.js'
import { proveBackend } from './backend.js'

const because = { 'detailed-usage': 'Ollama counts neither cached tokens nor those of thinking' }
const beyond = { 'an answer that ended for content-filter says so': 'Ollama has no filter that ends an answer' }

proveBackend({ core: 'ollama()', over: 'a server of our own', because, beyond }, ollamaGround)
