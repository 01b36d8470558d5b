/** Is one call as it reaches a provider. */
export interface Arrival {
  readonly at: number
  readonly tokens: number
}

/** Is what a provider may use in a minute. */
export interface MinuteLimits {
  readonly rpm: number
  readonly tpm: number
}

/** Says whether it serves an arrival; arrivals come in order of time. */
export type Provider = (arrival: Arrival) => boolean

/** Counts what it served in the last 60 seconds, exactly. */
export function rollingProvider({ rpm, tpm }: MinuteLimits): Provider {
  const served: Arrival[] = []
  let first = 0
  let tokens = 0
  return (arrival) => {
    for (; first < served.length && served[first]!.at <= arrival.at - 60_000; first += 1)
      tokens -= served[first]!.tokens
    if (served.length - first + 1 > rpm || tokens + arrival.tokens > tpm) return false
    served.push(arrival)
    tokens += arrival.tokens
    return true
  }
}

/** Has two buckets of a minute's amount, which it fills continuously. */
export function bucketProvider({ rpm, tpm }: MinuteLimits): Provider {
  let left = { requests: rpm, tokens: tpm, at: 0 }
  return ({ at, tokens }) => {
    const minutes = (at - left.at) / 60_000
    left = {
      requests: Math.min(rpm, left.requests + rpm * minutes),
      tokens: Math.min(tpm, left.tokens + tpm * minutes),
      at,
    }
    if (left.requests < 1 || left.tokens < tokens) return false
    left.requests -= 1
    left.tokens -= tokens
    return true
  }
}

/** Starts to count anew with every minute of the clock. */
export function calendarProvider({ rpm, tpm }: MinuteLimits): Provider {
  let used = { minute: -1, requests: 0, tokens: 0 }
  return ({ at, tokens }) => {
    const minute = Math.floor(at / 60_000)
    if (minute !== used.minute) used = { minute, requests: 0, tokens: 0 }
    if (used.requests + 1 > rpm || used.tokens + tokens > tpm) return false
    used.requests += 1
    used.tokens += tokens
    return true
  }
}
