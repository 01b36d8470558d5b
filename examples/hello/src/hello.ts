import { offlineModel } from '@aios/example-rule-core'
import { createKernel, react } from '@aios/sdk'

/** Is the agent: thinks, calls tools, and looks at what they say, until it can answer. */
export const helper = react()

/** Boots a kernel, runs one agent on it and closes it again. */
export async function hello(question: string): Promise<string> {
  const kernel = await createKernel(offlineModel())
  try {
    return await kernel.run(helper, question, { name: 'hello' })
  } finally {
    await kernel.close()
  }
}
