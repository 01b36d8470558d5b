import { anthropicGround, anthropicGroundOf } from '../llm/anthropic/ground.js'
import { proveBackend } from './backend.js'

const over = 'a server of our own'

proveBackend({ core: 'anthropic()', over }, anthropicGround)
proveBackend({ core: "anthropic({ resume: 'prefix' })", over }, anthropicGroundOf({ resume: 'prefix' }))
