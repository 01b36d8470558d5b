// `npm test`: sets everything up, then runs every gate.
import { install } from './install.mjs'

await install()
await import('./check.mjs')
