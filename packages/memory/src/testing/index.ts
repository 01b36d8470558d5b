/** Proves that a memory driver keeps its contract, under any test runner. */
export { memoryConformance, type MakeMemory } from './memory-conformance.js'
