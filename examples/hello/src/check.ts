/** Asks for three random calculations and compares with what repeated addition gives. */
import { randomInt } from 'node:crypto'
import { hello } from './hello.js'

for (let round = 0; round < 3; round += 1) {
  const [a, b, c] = [randomInt(1, 1_000), randomInt(1, 1_000), randomInt(1, 1_000)]
  let expected = c
  for (let times = 0; times < a; times += 1) expected += b
  const answer = await hello(`What is ${a} * ${b} + ${c}?`)
  const isRight = answer.endsWith(` = ${expected}`)
  console.log(`${isRight ? 'ok   ' : 'WRONG'} ${a} * ${b} + ${c}: expected ${expected}, got: ${answer}`)
  if (!isRight) process.exitCode = 1
}
