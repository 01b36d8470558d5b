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
    [['runs'], { type: 'runs', data: './.aios', last: 50, json: false }],
    [['runs', '--last', '3', '--data', 'd'], { type: 'runs', data: 'd', last: 3, json: false }],
    [['trace', 'a'], { type: 'trace', data: './.aios', run: 'a', json: false }],
    [['trace', 'a', '--json'], { type: 'trace', data: './.aios', run: 'a', json: true }],
    [
      ['replay', 'a', '--until', '4'],
      { type: 'replay', data: './.aios', run: 'a', agents: './agents.js', until: 4, fork: undefined, json: false },
    ],
    [
      ['replay', 'a', '--fork', '4', '--agents', 'b.ts'],
      { type: 'replay', data: './.aios', run: 'a', agents: 'b.ts', until: undefined, fork: 4, json: false },
    ],
    [['recover'], { type: 'recover', data: './.aios', agents: './agents.js', json: false }],
  ])('reads %j', (args, command) => {
    expect(parseCommand(args)).toEqual(command)
  })

  it.each([
    [[], 'Expected a command, got none.'],
    [['start'], 'Expected one of the commands run, runs, trace, replay, recover, got "start".'],
    [['toString'], 'got "toString"'],
    [['runs', 'one'], 'Expected nothing more after "runs", got "one".'],
    [['runs', '--last', '0'], 'Expected a whole number from 1 after --last, got "0".'],
    [['runs', '--until', '1'], 'Expected --until only where it has an effect, got it with "runs".'],
    [['trace'], 'Expected the id of a run after "trace"'],
    [['trace', ''], 'Expected the id of a run after "trace"'],
    [['runs', '--data', ''], 'Expected a path after --data, got an empty one.'],
    [['recover', '--agents='], 'Expected a path after --agents, got an empty one.'],
    [['run', 'a.js', '--json'], 'Expected --json only where it has an effect, got it with "run".'],
    [['trace', 'a', 'b'], 'Expected nothing more after "trace", got "b".'],
    [['replay', 'a', '--until', '1.5'], 'after --until, got "1.5"'],
    [['replay', 'a', '--until', '1', '--fork', '2'], 'got both'],
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
      ...['aios runs', 'aios trace <run>', 'aios replay <run>', 'aios recover'],
      ...['--data', '--last', '--agents', '--until', '--fork', '--json'],
      'OPENAI_API_KEY',
      'OLLAMA_HOST',
      'tsx',
    ]) {
      expect(HELP).toContain(name)
    }
  })
})
