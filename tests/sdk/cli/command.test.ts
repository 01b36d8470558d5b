import { describe, expect, it } from 'vitest'
import { HELP, parseCommand } from '../../../packages/sdk/src/cli/command.js'

describe('parseCommand', () => {
  it.each([
    [['run', 'a.js'], { type: 'run', file: 'a.js', input: '', ps: false }],
    [['run', 'a.js', 'What now?', '--ps'], { type: 'run', file: 'a.js', input: 'What now?', ps: true }],
    [['run', 'a.js', '--', '--ps'], { type: 'run', file: 'a.js', input: '--ps', ps: false }],
    [['--help'], { type: 'help' }],
    [['run', '-h'], { type: 'help' }],
    [['-v'], { type: 'version' }],
    [['--version'], { type: 'version' }],
  ])('reads %j', (args, command) => {
    expect(parseCommand(args)).toEqual(command)
  })

  it.each([
    [[], 'Expected a command, got none.'],
    [['start'], 'Expected the command "run", got "start".'],
    [['run'], 'Expected a file after "run"'],
    [['run', 'a.js', 'two', 'words'], 'Expected one input after the file, got 2 words. Put quotes around the input.'],
    [['run', 'a.js', '--verbose'], "Unknown option '--verbose'."],
    [['run', 'a.js', '--ps=yes'], "Option '--ps' does not take an argument."],
  ])('says what is wrong with %j and where to look', (args, message) => {
    const command = parseCommand(args)
    expect(command).toMatchObject({ type: 'misuse', message: expect.stringContaining(message) as string })
    expect(command).toMatchObject({ message: expect.stringContaining('See "aios --help".') as string })
  })

  it('has every option and variable in the help', () => {
    for (const name of [
      'aios run <file> [input]',
      '--help',
      '--version',
      '--ps',
      'OPENAI_API_KEY',
      'OLLAMA_HOST',
      'tsx',
    ]) {
      expect(HELP).toContain(name)
    }
  })
})
