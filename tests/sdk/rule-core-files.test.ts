import { virtualClock } from '@aios/kernel/testing'
import { createKernel, react } from '@aios/sdk'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ruleCore } from '../../examples/rule-core/src/index.js'
import { answer, ask, expectAll } from './ask-rules.js'

vi.setConfig({ testTimeout: 60_000 })

const cannot = /^I cannot answer that/

describe('finding, searching, listing and reading', () => {
  const files = {
    'notes.txt': 'first\nsecond: total 5\nthird\n',
    'docs/guide.md': '# Guide\nsecond line\n',
    'docs/old/report-2020.csv': 'a,b\n1,2\n',
    'report.md': 'a report\n',
    'blob.bin': new Uint8Array([0, 255, 254]),
  }

  it('finds files by name, part of a name, ending, place and content', async () => {
    const asked: readonly (readonly [string, readonly string[]])[] = [
      ['find files named guide.md', ['docs/guide.md']],
      ['where is guide.md?', ['docs/guide.md']],
      ['find files with the extension .md', ['docs/guide.md', 'report.md']],
      ['find all files with extension md', ['docs/guide.md', 'report.md']],
      ['which files end in .csv?', ['docs/old/report-2020.csv']],
      ['find *.md files in docs', ['docs/guide.md']],
      ['find files whose name contains report', ['docs/old/report-2020.csv', 'report.md']],
      ['find files with "2020" in the name', ['docs/old/report-2020.csv']],
      ['which files contain second?', ['docs/guide.md', 'notes.txt']],
      ['list the files in docs', ['docs/guide.md', 'docs/old/report-2020.csv']],
      ['list the files directly in docs', ['docs/guide.md']],
      ['what files are in the folder docs?', ['docs/guide.md', 'docs/old/report-2020.csv']],
      ['show me all files', ['blob.bin', 'docs/guide.md', 'docs/old/report-2020.csv', 'notes.txt', 'report.md']],
      ['what folders are there?', ['docs', 'docs/old']],
      ['is there a file named report.md?', ['report.md']],
    ]
    const answers = await ask(
      files,
      asked.map(([question]) => question),
    )
    asked.forEach(([question, paths], index) => expect(answers[index]?.split('\n').slice(1), question).toEqual(paths))
  })

  it('reads doubled quotes and delimiters inside of quoted cells as RFC 4180 has them', async () => {
    const quoted = { 'parts.csv': 'part,"the ""net"" price",stock\n"3.5"" disk, ""big""",7,1\n"""",3,2\n' }
    expect(await answer(quoted, 'sum column 2 of parts.csv')).toMatch(/\b10\b/)
    expect(await answer(quoted, 'sum column 3 of parts.csv')).toMatch(/\b3\b/)
  })

  it('shows matching lines with file and number', async () => {
    const questions = [
      'which lines in notes.txt contain second',
      'search for "second" in notes.txt',
      'grep second notes.txt',
      'show me the lines of notes.txt that contain second',
    ]
    await expectAll(files, questions, '1 line in notes.txt contains "second":\nnotes.txt:2: second: total 5')
    expect(await answer(files, 'which lines in notes.txt contain zebra')).toBe('0 lines in notes.txt contain "zebra".')
  })

  it('searches the contents for a bare word, and the names for what is called a file or looks like one', async () => {
    const zoo = { 'a.txt': 'one\na zebra\n', 'zebra.txt': 'stripes\n' }
    expect(await answer(zoo, 'search for zebra')).toMatch(/a\.txt:2: a zebra$/)
    expect(await answer(zoo, 'grep zebra')).toMatch(/a\.txt:2: a zebra$/)
    for (const question of ['search for zebra.txt', 'search for the file zebra.txt', 'find zebra.txt'])
      expect(await answer(zoo, question), question).toMatch(/\nzebra\.txt$/)
  })

  it('reads a file, or some of its lines, and says nothing else', async () => {
    await expectAll(
      files,
      [
        'read notes.txt',
        'show me the contents of notes.txt',
        'what does notes.txt say?',
        'what is in notes.txt?',
        'cat ./notes.txt',
      ],
      files['notes.txt'],
    )
    const asked = [
      'show the first 2 lines of notes.txt',
      'what is the last line of notes.txt?',
      'line 2 of notes.txt',
      'what is the 3rd line of notes.txt',
      'lines 2 to 3 of notes.txt',
    ]
    await expect(ask(files, asked)).resolves.toEqual([
      'first\nsecond: total 5',
      'third',
      'second: total 5',
      'third',
      'second: total 5\nthird',
    ])
  })

  it('says plainly what is not there, not unique or not text', async () => {
    const twins = { ...files, 'docs/notes.txt': 'x', 'old/a.txt': 'x', 'new/a.txt': 'y' }
    const asked: readonly (readonly [string, string])[] = [
      ['how many lines in missing.txt contain foo', 'There is no file or folder named "missing.txt".'],
      ['how many lines contain foo in missing.txt', 'There is no file or folder named "missing.txt".'],
      ['read a.txt', '"a.txt" is not unique: new/a.txt, old/a.txt. Ask again with the path of one of them.'],
      ['line 9 of report.md', 'report.md has no line 9: it has 1 line.'],
      ['find files with extension xyz', 'There are no .xyz files.'],
      ['find files with extension .xyz', 'There are no .xyz files.'],
      ['sum the numbers in all .xyz files', 'There is nothing to add up: there are no .xyz files.'],
      ['which of report.md and report.md is larger', 'There are not two different files to compare: only report.md.'],
      ['read blob.bin', 'blob.bin could not be read as text'],
    ]
    const answers = await ask(
      twins,
      asked.map(([question]) => question),
    )
    asked.forEach(([question, expected], index) => expect(answers[index], question).toContain(expected))
  })
})

describe('the date', () => {
  it('tells the day that the kernel has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
        async (date) => {
          const noon = Math.floor(date.getTime() / 86_400_000) * 86_400_000 + 43_200_000
          const kernel = await createKernel({ llm: ruleCore(), clock: virtualClock(noon) })
          // The first of January 1970 was a Thursday.
          const day = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'][
            Math.floor(noon / 86_400_000) % 7
          ]!
          for (const question of [
            'what is the date?',
            'What day is it today?',
            'what day of the week is it',
            "what's today's date",
          ]) {
            expect(await kernel.run(react(), question), question).toContain(
              `${day}, ${new Date(noon).toISOString().slice(0, 10)}`,
            )
          }
          await kernel.close()
        },
      ),
      { numRuns: 5 },
    )
  })
})

describe('what it does not know', () => {
  it.each([
    'what is the meaning of life?',
    'who wrote notes.txt?',
    'delete a.txt',
    'write a poem about a.txt',
    'sum of amount in sales.csv where region is north',
    'what is the average of column 2 in a.csv',
    'how many lines in a.txt contain foo and bar',
    'how many files have more than 10 lines?',
    'how many lines contain more than 5 words in a.txt',
    'translate notes.txt to French',
    'which lines in a.txt are the funniest?',
    'how many lines in a.txt were written by Ann?',
    '',
    'lines '.repeat(200),
  ])('it says so and what it can: %s', async (question) => {
    const answered = await answer({ 'a.txt': 'foo', 'notes.txt': 'x' }, question === '' ? ' ' : question)
    expect(answered).toMatch(cannot)
    expect(answered).toContain('how many lines in app.log contain ERROR')
  })

  it('says that it needs tools when it has none, or not the one it needs', async () => {
    const kernel = await createKernel({ llm: ruleCore() })
    await expect(kernel.run(react({ tools: [] }), 'what day is it')).resolves.toContain('I was given none')
    await expect(kernel.run(react({ tools: ['clock'] }), 'list all files')).resolves.toContain(
      'without the tool list_files',
    )
    await expect(kernel.run(react({ tools: ['clock'], maxSteps: 1 }), 'what day is it')).resolves.toContain(
      'in the steps I had',
    )
    await kernel.close()
  })
})
