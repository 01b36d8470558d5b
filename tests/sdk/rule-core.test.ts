import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { answer, ask, expectAll } from './ask-rules.js'

// Hundreds of files and questions; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const word = fc.stringMatching(/^[a-z]{3,7}$/).filter((text) => !RESERVED.has(text))
const line = fc.array(word, { minLength: 0, maxLength: 6 }).map((words) => words.join(' '))
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.map((one) => `${one}\n`).join(''))
const RUNS = { numRuns: 4 }
/** Words of the grammar stand for themselves only in quotes; the README says so. */
const RESERVED = new Set(
  'the all any and not are for how who has had did was its that this than with from into each every more most less least line lines word words file files text name row rows many exact both either neither where which what whose only some exactly fewer number letter string phrase term pattern'.split(
    ' ',
  ),
)

describe('counting', () => {
  const wordings = (needle: string) => [
    `how many lines in logs/app.log contain ${needle}?`,
    `How many lines of app.log contain "${needle}"`,
    `how many lines contain ${needle} in app.log`,
    `count the lines in app.log that contain '${needle}'`,
    `Please tell me how many lines in the file app.log include ${needle}.`,
    `What is the number of lines in app.log which mention ${needle}?`,
    `In app.log, how many lines contain ${needle}?`,
    `could you count the lines containing \`${needle}\` in logs/app.log, please?`,
    `how many lines are there in app.log that contain “${needle}”?`,
  ]

  it('counts the lines that contain a text, in any of the wordings', async () => {
    await fc.assert(
      fc.asyncProperty(text, word, async (content, needle) => {
        // Counted by cutting the text apart instead of testing lines.
        const expected = content.split('\n').filter((one) => one.split(needle).length > 1).length
        await expectAll(
          { 'logs/app.log': content, 'other.txt': needle },
          wordings(needle),
          new RegExp(`^${expected} lines? `),
        )
      }),
      RUNS,
    )
  })

  it('counts lines, words, characters and bytes of a file, and of all files of a kind', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const files = { 'a.txt': a, 'deep/b.txt': `${b}ü😀`, 'c.md': 'not this\n' }
        const lines = (content: string) => (content.match(/\n/g) ?? []).length
        const words = (content: string) => content.match(/\S+/g)?.length ?? 0
        const asked: readonly (readonly [string, number])[] = [
          ['how many lines does a.txt have?', lines(a)],
          ['count the words in a.txt', words(a)],
          ['What is the word count of deep/b.txt?', words(b) + 1],
          ['how many characters are in b.txt', [...b].length + 2],
          ['how many bytes does b.txt have', Buffer.byteLength(b) + 6],
          ['how big is a.txt?', a.length],
          ['how many lines are in all .txt files?', lines(a) + lines(b) + 1],
          ['how many words do the txt files contain?', words(a) + words(b) + 1],
        ]
        const answers = await ask(
          files,
          asked.map(([question]) => question),
        )
        asked.forEach(([question, expected], index) => {
          expect(answers[index], question).toMatch(new RegExp(`^${expected} (line|word|character|byte)s? in `))
        })
      }),
      RUNS,
    )
  })

  it('counts files by folder, ending, name and content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(word, fc.constantFrom('txt', 'csv', 'md'), fc.boolean(), fc.boolean()), { maxLength: 12 }),
        async (list) => {
          const files: Record<string, string> = { 'keep/me.dat': 'x' }
          for (const [name, ending, isDeep, isMarked] of list) {
            files[`${isDeep ? 'docs/old/' : ''}${name}.${ending}`] = isMarked ? 'a Zebra here' : 'nothing'
          }
          const paths = Object.keys(files)
          const count = (test: (path: string) => boolean) => paths.filter(test).length
          const docs = count((path) => path.startsWith('docs/'))
          const asked: readonly (readonly [string, number])[] = [
            ['how many files are there?', paths.length],
            ['count all files', paths.length],
            ['how many csv files are there', count((path) => path.endsWith('.csv'))],
            ['How many files with the extension .md do you see?', count((path) => path.endsWith('.md'))],
            ['how many files end in .md?', count((path) => path.endsWith('.md'))],
            ['how many files contain Zebra?', count((path) => files[path]!.includes('Zebra'))],
            [
              'how many .txt files mention "Zebra"?',
              count((path) => path.endsWith('.txt') && files[path]!.includes('Zebra')),
            ],
            ['how many files are directly in the folder?', count((path) => !path.includes('/'))],
            ...(docs > 0 ? [['how many files are in the docs folder?', docs] as const] : []),
          ]
          const answers = await ask(
            files,
            asked.map(([question]) => question),
          )
          asked.forEach(([question, expected], index) => {
            expect(answers[index], question).toMatch(new RegExp(`^${expected} (\\.\\w+ )?files?[ .]`))
          })
        },
      ),
      RUNS,
    )
  })

  it('minds case unless told otherwise, whole words where asked for, beginnings, ends, absence and empty lines', async () => {
    const files = { 'a.txt': 'Cat\ncategory\n\nthe cat sat\nconcat\n  \n' }
    const asked: readonly (readonly [string, string])[] = [
      ['how many lines in a.txt contain cat', '3 lines in a.txt contain "cat".'],
      ['how many lines in a.txt contain cat, ignoring case', '4 lines in a.txt contain "cat".'],
      ['how many lines in a.txt contain cat (case-insensitive)', '4 lines in a.txt contain "cat".'],
      ['how many lines in a.txt contain the word cat', '1 line in a.txt contains the word "cat".'],
      ['how many lines in a.txt start with cat', '1 line in a.txt starts with "cat".'],
      ['how many lines in a.txt end with "cat"', '1 line in a.txt ends with "cat".'],
      ['how many lines in a.txt do not contain cat', '3 lines in a.txt do not contain "cat".'],
      ['how many empty lines are in a.txt', '2 lines in a.txt are empty.'],
      ['how many times does cat occur in a.txt', '"cat" occurs 3 times in a.txt.'],
      ['how often does "cat" appear in a.txt, ignoring case', '"cat" occurs 4 times in a.txt.'],
    ]
    const answers = await ask(
      files,
      asked.map(([question]) => question),
    )
    expect(answers).toEqual(asked.map(([, expected]) => expected))
  })

  it('reads files of many pages, also where a page would part a character', async () => {
    const content = Array.from(
      { length: 9_001 },
      (_none, index) => `${'😀'.repeat(index % 7)}row ${index} needle\n`,
    ).join('')
    const files = { 'big.txt': `x${content}` }
    await expectAll(
      files,
      ['how many lines in big.txt contain needle', 'how many lines does big.txt have'],
      /^9001 lines in big\.txt/,
    )
    expect(await answer(files, 'how many characters are in big.txt')).toBe(
      `${[...content].length + 1} characters in big.txt.`,
    )
    const split = { 'split.txt': `${'a'.repeat(32_768)}b${'😀'.repeat(40_000)}` }
    expect(await answer(split, 'how many times does "😀" occur in split.txt')).toBe(
      '"😀" occurs 40000 times in split.txt.',
    )
  })

  it('counts more files than one listing shows', async () => {
    const paths = Array.from(
      { length: 1_205 },
      (_none, index) => `${index % 7}/${index}.${index % 5 === 0 ? 'md' : 'txt'}`,
    )
    const files = Object.fromEntries(paths.map((path) => [path, '']))
    const answers = await ask(files, [
      'how many files are there?',
      'how many .md files are there?',
      'how many files are in 3?',
    ])
    expect(answers.map((one) => one.split(' ')[0])).toEqual(['1205', '241', '172'])
  })

  it('takes the reading whose files exist', async () => {
    const question = 'how many lines contain out of memory'
    const files = { 'app.log': 'out of memory\nout\nmemory\n' }
    expect(await answer(files, question)).toBe('1 line in all files contains "out of memory".')
    expect(await answer({ ...files, 'memory.txt': 'out\nout\n' }, question)).toBe(
      '2 lines in memory.txt contain "out".',
    )
  })
})

describe('adding up', () => {
  const cents = fc.integer({ min: -99_999, max: 999_999 })
  const money = (amount: number) =>
    `${amount < 0 ? '-' : ''}${Math.floor(Math.abs(amount) / 100)}.${String(Math.abs(amount) % 100).padStart(2, '0')}`

  it('adds a column of a table by its number or title, whatever parts the cells', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cents, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(',', ';', '\t'),
        async (amounts, mark) => {
          const rows = amounts.map((amount, index) =>
            [`"item ${index}${mark} no. ${index}"`, money(amount), String(index)].join(mark),
          )
          const files = { 'data/sales.csv': [['name', 'Amount', 'id'].join(mark), ...rows].join('\r\n') }
          const expected = money(amounts.reduce((sum, amount) => sum + amount, 0))
          const questions = [
            'sum the numbers in column 2 of sales.csv',
            'What is the sum of the second column in data/sales.csv?',
            'Sum the numbers in column amount of file sales.csv.',
            'what is the total of amount in sales.csv',
            'add up all the values in the Amount column of data/sales.csv',
            'total amount of sales.csv',
            'Please compute the sum of field amount in sales.csv',
            'what do the amounts in sales.csv add up to?',
          ]
          const answers = await ask(files, questions)
          answers.forEach((one, index) => {
            expect(one, questions[index]).toContain(
              ` is ${expected} (${amounts.length} number${amounts.length === 1 ? '' : 's'}`,
            )
          })
        },
      ),
      RUNS,
    )
  })

  it('adds the numbers that stand by themselves in a text, and a field of JSON records', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 60 }),
        async (numbers) => {
          const expected = String(numbers.reduce((sum, number) => sum + number, 0))
          const files = {
            'n.txt': numbers
              .map((number, index) => `On 2024-05-0${(index % 9) + 1} v1.2.${index} we saw ${number}, x${index}.`)
              .join('\n'),
            'list.json': JSON.stringify({ items: numbers.map((price) => ({ price, tag: 'a1' })) }),
            'lines.jsonl': numbers.map((price) => JSON.stringify({ price })).join('\n'),
            'pairs.log': numbers.map((price) => `at=x price=${price} ok`).join('\n'),
          }
          const questions = [
            'add up all numbers in n.txt',
            'what is the sum of the numbers in n.txt?',
            'sum the field price of list.json',
            'what is the total price in lines.jsonl?',
            'sum up price in pairs.log',
          ]
          const answers = await ask(files, questions)
          answers.forEach((one, index) => expect(one, questions[index]).toMatch(new RegExp(` is ${expected} \\(`)))
        },
      ),
      RUNS,
    )
  })

  it('adds over the files that contain a text, exactly, and says what was no number', async () => {
    const files = {
      'a.csv': 'city,amount\nBerlin,0.1\nParis,0.2\n',
      'b.csv': 'city,amount\nRome,100\n',
      'c.csv': 'city,amount\nBerlin,"$1,000.30"\nOslo,n/a\n',
    }
    expect(await answer(files, 'What is the total of amount in all .csv files that contain Berlin?')).toBe(
      'The sum of amount in the .csv files that contain "Berlin" is 1000.60 (3 numbers, 1 cell without a number).',
    )
  })

  it('adds thousands of numbers, and a table without a head', async () => {
    const numbers = Array.from({ length: 3_000 }, (_none, index) => index * 1_001)
    const expected = (2_999 * 3_000 * 1_001) / 2
    const files = { 'n.csv': numbers.map((number) => `x,${number}`).join('\n') }
    expect(await answer(files, 'sum column 2 of n.csv')).toBe(
      `The sum of column 2 in n.csv is ${expected} (3000 numbers).`,
    )
    expect(await answer(files, 'sum the last column of n.csv')).toContain(` is ${expected} (`)
  })

  it('names the columns there are when the one asked for is not', async () => {
    const files = { 'a.csv': 'city,amount\nBerlin,1\n', 'b.json': '[{"x":1}]', 'c.json': '{' }
    const asked = [
      'sum price in a.csv',
      'sum column 7 of a.csv',
      'sum price in b.json',
      'sum price in c.json',
      'sum column 2 of b.json',
    ]
    const answers = await ask(files, asked)
    expect(answers[0]).toBe('a.csv has no column named "price". Its first line is: city, amount')
    expect(answers[1]).toBe('a.csv has no column 7: it has 2.')
    expect(answers[2]).toBe('b.json has no field named "price". Its fields: x')
    expect(answers[3]).toContain('c.json is not valid JSON')
    expect(answers[4]).toContain('b.json has fields, not columns')
  })

  it('computes plain arithmetic', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 0, max: 9_999 }), async (a, b) => {
        const answers = await ask({}, [`what is ${a} * ${b}?`, `what is ${a} plus ${b}`, `add ${a} and ${b}`])
        expect(answers).toEqual([`${a} * ${b} = ${a * b}`, `${a} + ${b} = ${a + b}`, `${a} + ${b} = ${a + b}`])
      }),
      { numRuns: 5 },
    )
  })
})

describe('comparing', () => {
  it('says which of two files has more, in any of the wordings', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const files = { 'a.txt': a, 'b.txt': b }
        const lines = [a, b].map((content) => content.split('\n').length)
        const winner = (x: number, y: number) => (x === y ? /are equal/ : new RegExp(`^${x > y ? 'a' : 'b'}\\.txt \\(`))
        const [size, length] = [winner(a.length, b.length), winner(lines[0]!, lines[1]!)]
        const isLarger = a.length > b.length ? /^Yes: / : /^No: /
        const asked: readonly (readonly [string, RegExp])[] = [
          ['which of a.txt and b.txt is larger', size],
          ['Which file is larger, a.txt or b.txt?', size],
          ['which is bigger: a.txt or b.txt?', size],
          ['which one of a.txt and b.txt is the largest?', size],
          ['which file is the largest?', size],
          ['which of a.txt and b.txt has more lines?', length],
          ['which file has more lines, a.txt or b.txt', length],
          ['Which file has the most lines?', length],
          ['is a.txt larger than b.txt?', isLarger],
          ['is the file a.txt bigger than b.txt', isLarger],
          ['how much larger is a.txt than b.txt?', new RegExp(`is ${Math.abs(a.length - b.length)} bytes:`)],
        ]
        const answers = await ask(
          files,
          asked.map(([question]) => question),
        )
        asked.forEach(([question, matches], index) => expect(answers[index], question).toMatch(matches))
      }),
      RUNS,
    )
  })
})
