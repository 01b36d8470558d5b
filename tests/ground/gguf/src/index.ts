/** node-llama-cpp without our core: what the same model says to the same conversation, by the package's own session. */
import { getLlama, LlamaChatSession, type Llama, type LlamaModel } from 'node-llama-cpp'

/** Is a model in the hands of the package itself. */
export interface BareModel {
  /** Answers one question under instructions, with the likeliest token each time. */
  answer(question: { readonly system: string; readonly user: string; readonly maxTokens: number }): Promise<string>
  /** Counts the tokens of a plain text. */
  count(text: string): number
  close(): Promise<void>
}

async function answerOf(model: LlamaModel, question: Parameters<BareModel['answer']>[0]): Promise<string> {
  const context = await model.createContext({ contextSize: 512, threads: 1 })
  try {
    const session = new LlamaChatSession({ contextSequence: context.getSequence(), systemPrompt: question.system })
    return await session.prompt(question.user, {
      maxTokens: question.maxTokens,
      temperature: 0,
      trimWhitespaceSuffix: false,
    })
  } finally {
    await context.dispose()
  }
}

/** An option that the types leave out; without it a listener on `process` stays behind. */
const NO_FOLDER: object = { tempDir: false }

/** Loads a model on the CPU. */
export async function bareModel(modelPath: string): Promise<BareModel> {
  const llama: Llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    ...NO_FOLDER,
  })
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 })
  return {
    answer: (question) => answerOf(model, question),
    count: (text) => model.tokenize(text).length,
    close: () => llama.dispose(),
  }
}
