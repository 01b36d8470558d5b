import { describe, expect, it } from 'vitest'
import type { Intent } from '../../examples/rule-core/src/intent/intent.js'
import { understand } from '../../examples/rule-core/src/intent/understand.js'

/** Wordings that all mean the same, a line each. */
type Synonyms = readonly (readonly [Intent, string])[]

const has = (text: string, rest: object = {}) =>
  ({ kind: 'has', negated: false, text, wholeWord: false, ...rest }) as const
const list = { kind: 'list', what: 'files', yesNo: false } as const
const both = { names: ['a.txt', 'b.txt'] }

const counting: Synonyms = [
  [
    { kind: 'count', unit: 'lines', scope: { names: ['server.log'] }, condition: has('ERROR') },
    `How many lines in server.log contain the string "ERROR"?
     How many lines in the file server.log contain ERROR
     How many of the lines in server.log contain ERROR?
     How many lines with ERROR are in server.log?
     How many lines with "ERROR" are there in server.log?
     How many ERROR lines are in server.log?
     How many lines match "ERROR" in server.log?
     Count lines containing ERROR in server.log
     Count how many lines in server.log contain ERROR
     count lines in server.log with ERROR
     In the file server.log, how many lines contain "ERROR"?
     In how many lines of server.log does ERROR appear?
     On how many lines of server.log does "ERROR" occur?
     How many lines are there in server.log which contain 'ERROR'?`,
  ],
  [
    { kind: 'count', unit: 'lines', scope: { names: ['server.log'] } },
    `How many lines are in server.log?
     How many lines long is server.log?
     How many lines has server.log got?
     What's the line count of server.log?
     Count the number of lines in server.log.
     number of lines in server.log`,
  ],
  [
    { kind: 'count', unit: 'lines', scope: {}, condition: has('ERROR') },
    `How many lines contain ERROR across all files?
     How many lines in total contain ERROR?
     How many lines in any file contain ERROR?`,
  ],
  [
    { kind: 'count', unit: 'occurrences', scope: { names: ['a.log'] }, needle: { text: 'x1', wholeWord: false } },
    `How many times does x1 appear in a.log?
     How often is "x1" mentioned in a.log?
     Count the occurrences of x1 in a.log
     How many occurrences of "x1" are in a.log?`,
  ],
  [
    { kind: 'count', unit: 'files', scope: { extension: 'log' } },
    `How many files with extension .log are there?
     How many files with the .log extension are there?
     How many files have the extension log?
     How many log files are there?`,
  ],
]

const adding: Synonyms = [
  [
    { kind: 'sum', scope: { names: ['sales.csv'] }, column: { kind: 'index', index: 2 } },
    `Sum column 2 of sales.csv
     Sum the values in column 2 of sales.csv
     Sum the numbers in column 2 of file sales.csv
     What is the sum of the numbers in the second column of sales.csv?
     What do the numbers in column 2 of sales.csv sum to?
     Add the numbers in column 2 of sales.csv together
     In sales.csv, what is the sum of column 2?
     How much is the total of column 2 in sales.csv?
     Give me the sum of column 2 of sales.csv`,
  ],
  [
    { kind: 'sum', scope: { names: ['sales.csv'] }, column: { kind: 'title', title: 'amount' } },
    `Sum the numbers in the amount column of sales.csv
     Sum of column amount in sales.csv
     What's the sum of the "amount" column in sales.csv?
     What is the total amount in sales.csv?
     Give me the total of the field amount of file sales.csv
     What is the sum of values in sales.csv's amount column?
     total the amount column in sales.csv`,
  ],
  [
    { kind: 'sum', scope: { names: ['n.txt'] }, column: { kind: 'all' } },
    `Add up the numbers in n.txt
     Calculate the sum of the numbers in n.txt
     What do the numbers in n.txt add up to?
     sum n.txt`,
  ],
]

const comparing: Synonyms = [
  [
    { kind: 'compare', scope: both, metric: 'bytes', order: 'most', form: 'which' },
    `Which of a.txt and b.txt is larger?
     Which of the files a.txt and b.txt is bigger?
     Which is the larger file, a.txt or b.txt?
     What's bigger, a.txt or b.txt?
     Is a.txt or b.txt larger?
     Is a.txt larger or smaller than b.txt?
     Between a.txt and b.txt, which is larger?`,
  ],
  [
    { kind: 'compare', scope: both, metric: 'lines', order: 'most', form: 'which' },
    `Which of a.txt and b.txt has more lines?
     Which has more lines, a.txt or b.txt?
     Which file contains more lines: a.txt or b.txt?
     Between a.txt and b.txt, which has more lines?
     Which of a.txt and b.txt is longer?`,
  ],
  [
    { kind: 'compare', scope: both, metric: 'lines', order: 'most', form: 'difference' },
    `How many more lines does a.txt have than b.txt?
     By how many lines is a.txt longer than b.txt?
     What is the difference in lines between a.txt and b.txt?`,
  ],
  [
    { kind: 'compare', scope: { extension: 'txt' }, metric: 'bytes', order: 'most', form: 'which' },
    `Which .txt file is the largest?
     Which is the largest .txt file?
     Find the largest txt file`,
  ],
]

const finding: Synonyms = [
  [
    { ...list, scope: { named: { kind: 'is', text: 'report.txt' } } },
    `Find all files named "report.txt"
     Find the file report.txt
     find report.txt
     Find files with the name report.txt
     Where is the file report.txt located?
     Where can I find report.txt?`,
  ],
  [
    { ...list, scope: { extension: 'md' } },
    `Find files with extension md
     Find all .md files
     Find all markdown files
     Find files that end with .md
     Find files whose names end in .md
     Find *.md
     Which files have the extension .md?
     Which files are .md files?
     What .md files are there?`,
  ],
  [
    { ...list, scope: { condition: has('Berlin') } },
    `Which files contain "Berlin"?
     Which of the files mention Berlin?
     List the files that contain Berlin
     In which file does Berlin appear?`,
  ],
  [
    { ...list, scope: { place: 'docs' } },
    `List files in docs
     List all the files in the folder docs
     What files are there in docs?
     Which files does docs contain?
     What is in the docs folder?
     What are the names of the files in docs?
     Give me a list of the files in docs
     Can you list the files in docs?
     ls docs`,
  ],
]

const reading: Synonyms = [
  [
    { kind: 'grep', scope: { names: ['app.log'] }, condition: has('ERROR') },
    `Which lines of app.log contain "ERROR"?
     Show me all lines containing ERROR in app.log
     Print the lines of app.log which contain ERROR
     Find "ERROR" in app.log
     Find ERROR in app.log
     Search app.log for ERROR
     grep for ERROR in app.log
     Where in app.log does ERROR occur?
     On which lines of app.log does ERROR appear?
     Get all lines from app.log that contain ERROR`,
  ],
  [
    { kind: 'read', name: 'notes.txt' },
    `Read the file notes.txt
     Show me what is in notes.txt
     Print the contents of the file notes.txt
     What does notes.txt say?
     Tell me what notes.txt says
     What text does notes.txt contain?
     Can you read notes.txt to me?
     the contents of notes.txt`,
  ],
  [
    { kind: 'read', name: 'notes.txt', lines: { from: 3, to: 3 } },
    `What is on line 3 of notes.txt?
     What does line 3 of notes.txt say?
     What is the third line of notes.txt?`,
  ],
]

const telling: Synonyms = [
  [
    { kind: 'date', what: 'day' },
    `What day is it today?
     Which weekday is it?
     Do you know what day it is?
     What's the day of the week?`,
  ],
  [
    { kind: 'date', what: 'date' },
    `What is today's date?
     What date is it?
     Tell me the date
     Give me the current date`,
  ],
]

describe.each([
  ['counting', counting],
  ['adding', adding],
  ['comparing', comparing],
  ['finding', finding],
  ['reading', reading],
  ['the date', telling],
])('%s', (_kind, synonyms) => {
  const cases = synonyms.flatMap(([intent, wordings]) =>
    wordings.split('\n').map((one) => [one.trim(), intent] as const),
  )
  it.each(cases)('understands: %s', (wording, intent) => {
    expect(understand(wording).readings[0]).toEqual(intent)
  })
})

it.each([
  'How many lines in a.txt contain foo but not bar?',
  'sum column 2 of sales.csv where column 1 is Berlin',
  'sum amount of the rows in sales.csv that contain Berlin',
  'How many lines in a.txt are longer than 80 characters?',
  'what is the sum of squares of the numbers in n.txt',
  'how many files are larger than 1 KB',
  'How many unique lines are in a.txt?',
  'what is the largest number in n.txt',
  'what is the longest line in a.txt',
  'which lines in a.txt match the regex ^foo',
  'list files modified today',
  'how many orders are in sales.csv',
  'sum all numbers in n.txt except 5',
  "What is tomorrow's date?",
])('does not pretend to understand: %s', (question) => {
  expect(understand(question).readings).toEqual([])
})
