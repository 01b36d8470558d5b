/** An agent in a file of its own, for the command line to run. */
import type { Agent } from '@aios/sdk'

const greet: Agent<string> = async (sys, input) => {
  if (input === 'fail') throw new TypeError('cannot greet')
  if (input === 'wait') {
    process.stdout.write('waiting\n')
    return new Promise((_resolve, reject) => {
      // Keeps the program alive until it is interrupted.
      const timer = setInterval(() => undefined, 1_000)
      sys.signal.addEventListener('abort', () => {
        clearInterval(timer)
        reject(new Error('stopped'))
      })
    })
  }
  const { output } = await sys.tool.call({ name: 'calculator', input: { expression: `2 * ${input}` } })
  return { greeting: 'hello', output }
}

export default { agent: greet, kernel: { log: 'silent' } as const }
