/** Asks the rule core about the files of a folder made for the occasion, through a kernel and a ReAct agent as the examples do. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createKernel, embeddedStorage, react } from '@aios/sdk'
import { expect } from 'vitest'
import { ruleCore } from '../../examples/rule-core/src/index.js'

/** Is the content of files by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Asks several questions about one folder, each in a process of its own. */
export async function ask(files: Files, questions: readonly string[]): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), 'rule-core-'))
  for (const folder of new Set(Object.keys(files).map(dirname))) await mkdir(join(root, folder), { recursive: true })
  await Promise.all(Object.entries(files).map(([path, content]) => writeFile(join(root, path), content)))
  const kernel = await createKernel({ llm: ruleCore(), storage: embeddedStorage({ root }) })
  try {
    return await Promise.all(questions.map((question) => kernel.run(react(), question)))
  } finally {
    await kernel.close()
    await rm(root, { recursive: true })
  }
}

export async function answer(files: Files, question: string): Promise<string> {
  return (await ask(files, [question]))[0]!
}

/** Expects every wording of a question to get an answer that matches. */
export async function expectAll(files: Files, questions: readonly string[], matches: RegExp | string): Promise<void> {
  const answers = await ask(files, questions)
  questions.forEach((question, index) => {
    if (typeof matches === 'string') expect(answers[index], question).toBe(matches)
    else expect(answers[index], question).toMatch(matches)
  })
}
