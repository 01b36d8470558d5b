import type { Intent } from '../intent/intent.js'
import { outputOf } from './plan.js'
import type { Plan } from './plan.js'

interface Now {
  readonly local: string
  readonly weekday: string
  readonly timeZone: string
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** Answers questions about the present moment, in the time zone of this machine. */
export function* answerDate({ what }: Intent & { readonly kind: 'date' }): Plan {
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const [answer] = yield [{ tool: 'clock', input: { timeZone } }]
  const { local, weekday, timeZone: zone } = outputOf<Now>(answer)
  const [date = '', time = ''] = local.slice(0, 19).split('T')
  switch (what) {
    case 'day':
    case 'date':
      return `Today is ${weekday}, ${date} (${zone}).`
    case 'time':
      return `It is ${time} on ${weekday}, ${date} (${zone}).`
    case 'month':
      return `It is ${MONTHS[Number(date.slice(5, 7)) - 1] ?? ''} ${date.slice(0, 4)}.`
    case 'year':
      return `It is ${date.slice(0, 4)}.`
  }
}
