/** Proves that a memory driver keeps its contract, under any test runner. */
export { memoryConformance, type MakeMemory, type MemoryConformanceOptions } from './memory-conformance.js'
