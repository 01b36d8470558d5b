import type { Usage } from '../../driver/chat.js'

function sum(...counts: readonly (number | undefined)[]): number | undefined {
  // What one answer did not report, nobody knows of all.
  return counts.includes(undefined) ? undefined : counts.reduce<number>((total, count) => total + (count ?? 0), 0)
}

function summed<T extends object>(parts: readonly T[], keys: readonly (keyof T)[]): T {
  const entries = keys.map((key) => [key, sum(...parts.map((part) => part[key] as number | undefined))] as const)
  return Object.fromEntries(entries.filter(([, count]) => count !== undefined)) as T
}

/** Adds the usage of several answers up. What one of them did not report is absent, and `estimated` holds if it does for one. */
export function sumUsage(usages: readonly Usage[]): Usage {
  return {
    input: summed(
      usages.map(({ input }) => input),
      ['total', 'noCache', 'cacheRead', 'cacheWrite'],
    ),
    output: summed(
      usages.map(({ output }) => output),
      ['total', 'text', 'reasoning'],
    ),
    ...(usages.some(({ estimated }) => estimated === true) ? { estimated: true } : {}),
  }
}
