import type { CoreRequest, LlmDriver, Resume, StreamPart } from '@aios/kernel'
import { check, fakeDriverCall } from '@aios/kernel/testing'
import { checkSame, drain, finishOf, PLAIN_REQUEST, stream, streamedText, type LlmCase } from './llm-case.js'
import type { LlmScenario, LlmStage } from './llm-ground.js'

const SCENARIO: LlmScenario = {
  tokens: ['The', ' queue', ' waits', ',', ' naïve', ' as', ' it', ' is', ' 🌍', '.\n\n', 'Then', ' it', ' runs', '.'],
  usage: { input: 12, output: 14 },
}

/** Says why a driver is not put to a case about answers that go on. */
const onlyWith =
  (wanted: Resume) =>
  ({ id, resume = 'none' }: LlmDriver): string | undefined =>
    resume === wanted ? undefined : `core ${id} says resume: "${resume}"`

/** Is an answer that was left in the middle. */
interface Begun {
  readonly before: readonly StreamPart[]
  /** What the core saved, as it comes back from another process. */
  readonly state: unknown
}

/** Has an answer saved after so many parts, and leaves it as the kernel does. */
async function saved(driver: LlmDriver, parts: number): Promise<Begun> {
  check(driver.save !== undefined, 'Expected a core with resume: "state" to have save.')
  const controller = new AbortController()
  const call = fakeDriverCall({ signal: controller.signal })
  const source = stream(driver, PLAIN_REQUEST, call)
  const before: StreamPart[] = []
  while (before.length < parts) {
    const next = await source.next()
    check(next.done !== true, 'Expected the same request to be answered in as many parts each time.')
    before.push(next.value)
  }
  const state: unknown = structuredClone(await driver.save(call))
  controller.abort(new DOMException('The answer was cut, to go on later.', 'AbortError'))
  // Whether it ends or rejects is its own affair: nobody listens any more.
  await source.return?.().catch(() => undefined)
  return { before, state }
}

async function restoresEverywhere({ driver }: LlmStage): Promise<void> {
  const whole = await drain(stream(driver, PLAIN_REQUEST))
  const { finish, usage } = finishOf(whole)
  for (let parts = 1; parts < whole.length; parts += 1) {
    const { before, state } = await saved(driver, parts)
    check(driver.restore !== undefined, 'Expected a core with resume: "state" to have restore.')
    const rest = await drain(driver.restore(state, PLAIN_REQUEST, fakeDriverCall())[Symbol.asyncIterator]())
    const text = streamedText([...before, ...rest], 'text-delta')
    checkSame(`the text saved after ${parts} parts`, text, streamedText(whole, 'text-delta'))
    const end = finishOf(rest)
    checkSame(`the finish saved after ${parts} parts`, end.finish, finish)
    checkSame(`the usage saved after ${parts} parts`, end.usage, usage)
  }
}

/** Returns the places where the kernel cuts a text: before the white space after a word. */
function safePlaces(text: string): readonly number[] {
  return [...text.matchAll(/\S(?=\s)/g)].map(({ index }) => index + 1)
}

async function continuesEverywhere({ driver }: LlmStage): Promise<void> {
  const whole = await drain(stream(driver, PLAIN_REQUEST))
  const text = streamedText(whole, 'text-delta')
  for (const at of safePlaces(text)) {
    const before = text.slice(0, at)
    const request: CoreRequest = {
      ...PLAIN_REQUEST,
      messages: [...PLAIN_REQUEST.messages, { role: 'assistant', content: before }],
    }
    const rest = await drain(stream(driver, request))
    checkSame(`the text continued at ${at}`, before + streamedText(rest, 'text-delta'), text)
    checkSame(`the finish continued at ${at}`, finishOf(rest).finish.unified, finishOf(whole).finish.unified)
  }
}

/** Holds the cases about answers that are cut and go on. */
export const RESUME_CASES: readonly LlmCase[] = [
  {
    name: 'an answer saved after any part and restored is the same answer, with the usage of the whole',
    needs: 'resume-state',
    inapplicable: onlyWith('state'),
    scenario: SCENARIO,
    prove: restoresEverywhere,
  },
  {
    name: 'an answer continued from any safe place of its text is the same text',
    needs: 'resume-prefix',
    inapplicable: onlyWith('prefix'),
    scenario: SCENARIO,
    prove: continuesEverywhere,
  },
]
