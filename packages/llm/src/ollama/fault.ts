import { looseFault, type Fault } from '../core/provider-error.js'
import { rateHeaders } from '../core/rate-headers.js'
import { ServerRefusal } from './server-refusal.js'

/** Tells what a request ended with, by its class and the status of the answer: Ollama's errors have no other mark. */
export function ollamaFault(error: unknown, now: number): Fault {
  if (!(error instanceof ServerRefusal)) return looseFault(error)
  const { status, names, headers } = error
  return { kind: 'refusal', status, names, said: rateHeaders(headers, now), isExhausted: status === 402 }
}
