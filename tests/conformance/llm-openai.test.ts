import { openAiGround, openAiGroundOf } from '../llm/openai/ground.js'
import { proveBackend } from './backend.js'

const over = 'a server of our own'

proveBackend({ core: 'openai()', over }, openAiGround)
proveBackend({ core: "openai({ resume: 'prefix' })", over }, openAiGroundOf({ resume: 'prefix' }))
