import { offlineModel } from '@aios/example-rule-core'
import { createKernel, react } from '@aios/sdk'

/** Boots a kernel, runs one agent on it and closes it again. */
export async function hello(question: string): Promise<string> {
  const kernel = await createKernel(offlineModel())
  try {
    return await kernel.run(react(), question, { name: 'hello' })
  } finally {
    await kernel.close()
  }
}
