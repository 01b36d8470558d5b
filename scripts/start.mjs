// `npm start -- "question" [folder]`: sets up what the main example needs, then runs it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { spawn } from 'node:child_process'
import { root } from './exec.mjs'
import { install } from './install.mjs'

await install('@aios/example-react-agent')

const folder = join(root, 'examples', 'react-agent')
const tsx = pathToFileURL(createRequire(join(folder, 'package.json')).resolve('tsx'))
const args = [
  '--conditions=@aios/source',
  '--import',
  tsx.href,
  join(folder, 'src', 'main.ts'),
  ...process.argv.slice(2),
]
// npm moves to the root; a folder that the user names is meant from where they stood.
const example = spawn(process.execPath, args, { cwd: process.env.INIT_CWD ?? root, stdio: 'inherit' })
example.on('close', (code) => (process.exitCode = code ?? 1))
