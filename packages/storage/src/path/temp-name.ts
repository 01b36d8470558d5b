const TEMP = /^\.aios-(\d{1,10})-\d+\.tmp$/i

/** Makes the name of a file that is being written: of this process, and of this try in it. Short, whatever the target. */
export function tempName(pid: number, serial: number): string {
  return `.aios-${pid}-${serial}.tmp`
}

/** Tells whether a name is one that {@link tempName} makes, in upper or lower case. */
export function isTempName(name: string): boolean {
  return TEMP.test(name)
}

/** Returns the process that wrote a temporary file, or undefined if the name is none. */
export function tempPid(name: string): number | undefined {
  const digits = TEMP.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
