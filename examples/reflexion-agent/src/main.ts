/** `npm start -- [folder with a server.log] [folder for its memory]` */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countErrors, TASK } from './count-errors.js'

const [given, memoryFolder = fileURLToPath(new URL('../.aios', import.meta.url))] = process.argv.slice(2)
const folder = given === undefined ? fileURLToPath(new URL('sample', import.meta.url)) : resolve(given)
const { result, lessons } = await countErrors(folder, resolve(memoryFolder))

console.log(`Task: ${TASK}\n`)
result.attempts.forEach(({ answer, verdict, lesson }, index) => {
  console.log(`Attempt ${index + 1}: ${answer}`)
  console.log(`  ${verdict.ok ? 'accepted' : `rejected: ${verdict.feedback ?? ''}`}`)
  if (lesson !== undefined) console.log(`  lesson: ${lesson}`)
})
console.log(`\n${result.accepted ? 'Succeeded' : 'Gave up'} after ${result.attempts.length} attempts.`)
console.log('In memory:')
for (const { content } of lessons) console.log(`  ${content.replaceAll('\n', '\n  ')}`)
if (!result.accepted) process.exitCode = 1
