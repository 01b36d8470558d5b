/** Takes log lines. `fields` is plain data; the kernel has already redacted secrets in it. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Chooses where log lines go: nowhere (default), to the console, or to your own logger. */
export type LogOption = 'silent' | 'console' | Logger
