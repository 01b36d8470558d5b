/** What authors of LLM cores share. The cores themselves have entry points of their own, such as `@aios/llm/openai`. */
export { parseToolInput } from './tool-call/tool-input.js'
export { toolNameMap, type ToolNameMap } from './tool-call/tool-name-map.js'
