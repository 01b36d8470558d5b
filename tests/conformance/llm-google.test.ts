import { CORES, geminiGround } from '../llm/gemini/cores.js'
import { proveBackend } from './backend.js'

for (const [core, make] of CORES) proveBackend({ core, over: 'a server of our own' }, geminiGround(make))
