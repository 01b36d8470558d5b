/** Returns the milliseconds of processor time that this process has used, in all its threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
