/** Tools for unit tests of agents: a scripted model, a kernel whose time stands still, recorded events. */
export { createTestKernel, recordEvents, virtualClock, type VirtualClock } from '@aios/kernel/testing'
export { scriptedCore } from '@aios/llm/testing'
