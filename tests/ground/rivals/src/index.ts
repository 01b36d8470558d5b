/** One agent step as two other libraries do it: a model call that asks for a tool, the tool, and a note from memory. */
import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages'
import { END, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { generateText, tool } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { z } from 'zod'

/** Is what a step does besides asking a model, the same for every library: functions of the caller. */
export interface StepWork {
  readonly add: (input: { readonly a: number; readonly b: number }) => Promise<number>
  readonly note: (id: string) => Promise<unknown>
}

const CALL = { id: 'call_1', name: 'add', input: { a: 17, b: 4 } } as const

/** Makes a step of the AI SDK: one `generateText` with one model call, whose tool call it runs; then the note. */
export function aiSdkStep({ add, note }: StepWork): () => Promise<unknown> {
  const model = new MockLanguageModelV3({
    doGenerate: () =>
      Promise.resolve({
        content: [{ type: 'tool-call', toolCallId: CALL.id, toolName: CALL.name, input: JSON.stringify(CALL.input) }],
        finishReason: { unified: 'tool-calls', raw: undefined },
        usage: {
          inputTokens: { total: 8, noCache: 8, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: 2, text: 2, reasoning: undefined },
        },
        warnings: [],
      }),
  })
  const tools = {
    add: tool({
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      execute: (input) => add(input),
    }),
  }
  return async () => {
    // A mock keeps every call it got: over a million of them that would be what is measured.
    model.doGenerateCalls.length = 0
    const { toolResults } = await generateText({ model, tools, prompt: 'What is 17 + 4?' })
    if (toolResults.length !== 1) throw new Error('Expected generateText to run the tool once.')
    return note('n1')
  }
}

/** Makes a step of LangGraph.js: a graph of three nodes, for the model, the tool and the note. */
export function langGraphStep({ add, note }: StepWork, saver: 'none' | 'memory'): () => Promise<unknown> {
  const model = (_messages: readonly BaseMessage[]): Promise<AIMessage> =>
    Promise.resolve(
      new AIMessage({ content: '', tool_calls: [{ id: CALL.id, name: CALL.name, args: { ...CALL.input } }] }),
    )
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await model(messages)] }))
    .addNode('tool', async () => ({
      messages: [new ToolMessage({ tool_call_id: CALL.id, content: String(await add(CALL.input)) })],
    }))
    .addNode('note', async () => {
      await note('n1')
      return { messages: [] }
    })
    .addEdge(START, 'model')
    .addEdge('model', 'tool')
    .addEdge('tool', 'note')
    .addEdge('note', END)
  const checkpointer = saver === 'memory' ? new MemorySaver() : undefined
  const compiled = graph.compile(checkpointer === undefined ? {} : { checkpointer })
  let thread = 0
  return async () => {
    thread += 1
    const threadId = String(thread)
    await compiled.invoke(
      { messages: [new HumanMessage('What is 17 + 4?')] },
      { configurable: { thread_id: threadId } },
    )
    await checkpointer?.deleteThread(threadId)
  }
}
