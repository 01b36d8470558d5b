/** Writes one file over and over, each time of another letter, and says when a write was acknowledged. Meant to be killed. */
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { embeddedStorage } from '@aios/storage'

const [root = '', length = '0'] = process.argv.slice(2)
const driver = embeddedStorage({ root })
await driver.open?.(fakeDriverServices())
for (let round = 0; ; round += 1) {
  const letter = String.fromCharCode(97 + (round % 26))
  await driver.write({ path: 'file', content: letter.repeat(Number(length)) }, fakeDriverCall())
  process.send?.(letter)
}
