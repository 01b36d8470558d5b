/**
 * What the original does with LLM calls whose backend answers at once: AIOS at commit 2155966, its scheduler, syscalls,
 * hooks and adapter unmodified, third-party imports stubbed, logging off, no HTTP hop; Python 3 on comparable hardware (two
 * cores of a server). Measured once, not in the same run as ours: read ratios to it as orders of magnitude.
 */
export const ORIGINAL = {
  /** LLM syscalls a second with 2,000 agents, each making three in sequence; median of three processes. */
  callsPerSecond2000: 647,
  /** Milliseconds of one call with one agent: a sleep of 1.0 s and an empty poll of 0.1 s come before every batch. */
  oneAgentMs: 1_100,
  /** Operating system threads at the peak with 2,000 agents. */
  threads2000: 4_068,
} as const
