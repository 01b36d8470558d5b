import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadAgentModule } from '../../../packages/sdk/src/cli/agent-module.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-module-'))
  await writeFile(join(folder, 'agent.ts'), '')
  await writeFile(join(folder, 'agent.mjs'), '')
})
afterAll(async () => rm(folder, { recursive: true }))

const agent = () => 'done'

/** Loads without importing anything: every module has this default export. */
function loader(exported: unknown, loadsTypeScript = false, tsx?: string) {
  const imported: string[] = []
  const load = async (url: string) => {
    imported.push(url)
    return { default: exported }
  }
  const resolve = (name: string, from: string) => {
    if (tsx === undefined) throw new Error(`${name} is not installed for ${from}`)
    return tsx
  }
  return { loadsTypeScript, import: load, resolve, imported }
}

const load = (file: string, ports: ReturnType<typeof loader>) => loadAgentModule(join(folder, file), ports)

describe('loadAgentModule', () => {
  it('takes a function, or an agent with options for its kernel, and names it after the file', async () => {
    await expect(load('agent.mjs', loader(agent))).resolves.toEqual({ agent, kernel: {}, name: 'agent' })
    const kernel = { log: 'console' }
    await expect(load('agent.mjs', loader({ agent, kernel }))).resolves.toEqual({ agent, kernel, name: 'agent' })
    const ports = loader(agent)
    await load('agent.mjs', ports)
    expect(ports.imported).toEqual([pathToFileURL(join(folder, 'agent.mjs')).href])
  })

  it.each([
    [undefined, 'got none'],
    ['text', 'got string'],
    [null, 'got object'],
    [{ kernel: {} }, 'got undefined for "agent"'],
    [{ agent, kernel: {}, llm: 1 }, 'got the key "llm"'],
  ])('rejects the default export %j', async (exported, message) => {
    const loading = load('agent.mjs', loader(exported))
    await expect(loading).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await expect(loading).rejects.toThrow(message)
  })

  it('says where it looked for a file that is not there', async () => {
    await expect(load('none.js', loader(agent))).rejects.toMatchObject({
      code: 'AIOS_NOT_FOUND',
      message: `Expected a file to run, found none at ${join(folder, 'none.js')}.`,
    })
  })

  it('unwraps a module that was compiled to CommonJS', async () => {
    const compiled = { __esModule: true, default: agent }
    await expect(load('agent.mjs', loader(compiled))).resolves.toMatchObject({ agent })
  })

  it('says what to do about TypeScript where neither Node nor tsx loads it', async () => {
    const loading = load('agent.ts', loader(agent))
    await expect(loading).rejects.toMatchObject({ code: 'AIOS_MISSING_PEER' })
    await expect(loading).rejects.toThrow('npm install tsx')
  })

  it('lets Node load TypeScript where it can and there is no tsx', async () => {
    const ports = loader(agent, true)
    await expect(load('agent.ts', ports)).resolves.toMatchObject({ agent })
    expect(ports.imported).toHaveLength(1)
  })

  it('first loads the tsx that is installed next to the file', async () => {
    const ports = loader(agent, true, join(folder, 'tsx.mjs'))
    await load('agent.ts', ports)
    expect(ports.imported.map((url) => url.slice(url.lastIndexOf('/')))).toEqual(['/tsx.mjs', '/agent.ts'])
  })
})
