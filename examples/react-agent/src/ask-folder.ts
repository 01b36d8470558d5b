import { offlineModel } from '@aios/example-rule-core'
import { createKernel, embeddedStorage, react } from '@aios/sdk'
import type { Agent, KernelStats, ProcessInfo, ReactStep } from '@aios/sdk'

/** Is an answer with the kernel's account of how it came about. */
export interface FolderAnswer {
  readonly answer: string
  readonly steps: readonly ReactStep[]
  readonly processes: readonly ProcessInfo[]
  readonly stats: KernelStats
}

/** What the agent is offered: enough to look, read and compute, nothing that changes a file. */
const TOOLS = ['list_files', 'read_file', 'search_files', 'file_info', 'calculator', 'clock']

/** Makes the agent, which reports each of its steps. */
export function librarian(onStep: (step: ReactStep) => void): Agent<string, string> {
  return react({ tools: TOOLS, onStep })
}

/** Answers a question about the files of a folder, which the agent may read but not change. */
export async function askFolder(question: string, folder: string): Promise<FolderAnswer> {
  const steps: ReactStep[] = []
  const model = offlineModel()
  const kernel = await createKernel({ ...model, storage: embeddedStorage({ root: folder }) })
  try {
    const agent = librarian((step) => steps.push(step))
    const answer = await kernel.run(agent, question, {
      name: 'librarian',
      grants: { tools: TOOLS.map((tool) => `builtin/${tool}`), storage: [{ path: '.', mode: 'ro' }], memory: [] },
      // A real model costs money; the rules read as much as the question takes.
      budget: model.llm === undefined ? { tokens: 500_000 } : {},
      deadlineMs: 120_000,
    })
    return { answer, steps, processes: kernel.ps(), stats: kernel.stats() }
  } finally {
    await kernel.close()
  }
}
