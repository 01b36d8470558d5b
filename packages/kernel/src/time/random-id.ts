/** Returns 8 random hexadecimal digits: enough to tell the kernels of one machine apart. */
export function randomId(): string {
  return crypto.randomUUID().slice(0, 8)
}
