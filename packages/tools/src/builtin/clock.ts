import { TAG_CHARS } from '../limits.js'
import { defineTool } from '../registry/define-tool.js'
import type { Tool } from '../registry/tool.js'
import { optional, refined, shape, text } from './input-shape.js'

/** Is what the clock returns. */
export interface ClockResult {
  /** The moment in UTC, such as `2030-01-31T12:00:00.000Z`. */
  readonly utc: string
  /** Milliseconds since the epoch. */
  readonly epochMs: number
  /** IANA time zone of `local` and `weekday`. */
  readonly timeZone: string
  /** The moment as clocks there show it, with the offset from UTC, such as `2030-01-31T13:00:00+01:00`. */
  readonly local: string
  /** English name of the day there. */
  readonly weekday: string
}

const DESCRIPTION = `Tells the current date, time and weekday, in UTC and in a time zone of your choice. \
Use it whenever the answer depends on today or now.`

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'long',
    timeZoneName: 'longOffset',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}

function knownZone(timeZone: string): string {
  try {
    formatOf(timeZone)
    // Not the platform's own name for it, which differs from one version to the next.
    return timeZone
  } catch {
    throw new TypeError(`expected an IANA time zone such as "Europe/Berlin", got ${JSON.stringify(timeZone)}`)
  }
}

/**
 * Makes the tool `builtin/clock`. It reads the kernel's clock, so a virtual clock turns it too.
 *
 * @example
 * ```ts
 * import { clock, tools } from '@aios/tools'
 *
 * const device = tools([clock()]) // in an agent: sys.tool.call({ name: 'clock', input: { timeZone: 'Asia/Tokyo' } })
 * ```
 */
export function clock(): Tool<unknown, ClockResult> {
  const zone = text('IANA time zone such as "Europe/Berlin". Default "UTC".', { min: 1, max: TAG_CHARS })
  return defineTool({
    name: 'clock',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: shape({ timeZone: optional(refined(zone, knownZone)) }),
    execute({ timeZone = 'UTC' }, context): ClockResult {
      const now = new Date(Math.floor(context.clock.now()))
      const parts = formatOf(timeZone).formatToParts(now)
      const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
      const day = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
      // `GMT+01:00`; at Greenwich some versions of ICU write plain `GMT`.
      const offset = part('timeZoneName').slice(3) || '+00:00'
      return {
        utc: now.toISOString(),
        epochMs: now.getTime(),
        timeZone,
        local: `${day}T${part('hour')}:${part('minute')}:${part('second')}${offset}`,
        weekday: part('weekday'),
      }
    },
  })
}
