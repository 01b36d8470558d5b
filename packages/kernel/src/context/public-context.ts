/** Keeps conversations inside a context window. */
export type { ContextStep, ContextView, StepResult } from './context-step.js'
export { contextWindow, type ContextWindowOptions } from './context-window.js'
export { dropToolOutput, type DropToolOutputOptions } from './drop-tool-output.js'
export { fitContext, type FitContextOptions } from './fit-context.js'
export type { FittedContext, TokenCount, TokenSource, TrimmedStep } from './fitted-context.js'
export { pageOut, type PageOutOptions } from './page-out.js'
export { prune } from './prune.js'
export { summarise, type SummariseOptions } from './summarise.js'
