// What a user might write first, from the README and TSDoc alone. Runs from the packed tarballs, offline, on plain Node.
import assert from 'node:assert/strict'

/** A model that asks for a tool, reads what came back, and answers with it. */
const script = [
  { toolCalls: [{ name: 'double', input: { value: 21 } }] },
  ({ messages }) =>
    `The tool said ${messages.at(-1).content.find(({ type }) => type === 'tool-result').output.doubled}.`,
]

async function asksAModel({ sdk, llm, tools }) {
  const double = sdk.defineTool({
    name: 'double',
    description: 'Doubles a number.',
    input: tools.jsonSchema({ type: 'object', properties: { value: { type: 'number' } }, required: ['value'] }),
    execute: ({ value }) => ({ doubled: value * 2 }),
  })
  const core = llm.scriptedCore(script)
  const kernel = await sdk.createKernel({ llm: core, tools: [double] })
  const names = []
  kernel.on('syscall:settled', ({ name }) => names.push(name))
  const answer = await kernel.run(sdk.react({ tools: ['double'] }), 'What is 21 doubled?', { name: 'doubler' })
  assert.match(answer, /42/)
  core.assertDone()
  assert.ok(kernel.ps().some((row) => row.name === 'doubler' && row.state === 'exited'))
  await kernel.close()
}

async function keepsNotesAndFiles({ sdk }) {
  const kernel = await sdk.createKernel()
  const result = await kernel.run(async (sys) => {
    const note = await sys.memory.add({ content: 'The harbour freezes in January.' })
    const [hit] = await sys.memory.retrieve({ query: 'When does the harbour freeze?' })
    await sys.storage.write({ path: 'log/day.txt', content: 'cold' })
    const { content } = await sys.storage.read({ path: 'log/day.txt' })
    return { isFound: hit?.id === note.id, content }
  }, undefined)
  assert.deepEqual(result, { isFound: true, content: 'cold' })
  await kernel.close()
}

async function failsWithATypedError({ sdk, kernel: { AiosError } }) {
  const kernel = await sdk.createKernel()
  const sys = kernel.sys()
  await assert.rejects(sys.memory.get({ id: 'no such note' }), (error) => AiosError.is(error, 'AIOS_NOT_FOUND'))
  await assert.rejects(sdk.createKernel({ dephth: 1 }), (error) => AiosError.is(error, 'AIOS_INVALID_OPTION'))
  await assert.rejects(sys.storage.read({ path: '../outside' }), (error) => AiosError.is(error))
  const reason = new Error('changed my mind')
  await assert.rejects(
    sys.memory.add({ content: 'x' }, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  )
  await kernel.close()
}

export async function program(modules) {
  await asksAModel(modules)
  await keepsNotesAndFiles(modules)
  await failsWithATypedError(modules)
  console.log('all is well')
}
