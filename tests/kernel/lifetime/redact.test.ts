import { describe, expect, it } from 'vitest'
import { createKernel } from '@aios/kernel'
import type { Logger } from '@aios/kernel'
import type { LlmDriver } from '@aios/kernel/driver'

function recorder(): { readonly logger: Logger; readonly lines: unknown[][] } {
  const lines: unknown[][] = []
  const at =
    (level: string) =>
    (message: string, fields?: unknown): void => {
      lines.push([level, message, fields])
    }
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}

/** A core that logs when it is opened. */
const logging = (log: (logger: Logger) => void): LlmDriver => ({
  kind: 'llm',
  id: 'l',
  model: 'l',
  chat: () => {
    throw new Error('unused')
  },
  open: ({ log: logger }) => {
    log(logger)
  },
})

describe('the log option', () => {
  it('redacts what looks like a secret, by its name or its form, at any depth', async () => {
    const { logger, lines } = recorder()
    const llm = logging((log) => {
      log.info('using sk-abcdefgh12345678', {
        apiKey: 'x',
        nested: { Authorization: 'y', list: ['Bearer abc', 7] },
        error: new Error('key sk-abcdefgh12345678 refused'),
        fine: 'text',
      })
      log.debug('no fields')
      log.warn('w')
      log.error('e')
    })
    await (await createKernel({ llm, log: logger })).close()
    expect(lines).toEqual([
      [
        'info',
        'using [redacted]',
        {
          apiKey: '[redacted]',
          nested: { Authorization: '[redacted]', list: ['[redacted]', 7] },
          error: 'key [redacted] refused',
          fine: 'text',
        },
      ],
      ['debug', 'no fields', {}],
      ['warn', 'w', {}],
      ['error', 'e', {}],
    ])
  })

  it('writes to the console with "console", and nowhere by default', async () => {
    const written: unknown[] = []
    const { info } = console
    console.info = (...given: unknown[]) => {
      written.push(given)
    }
    await (
      await createKernel({
        llm: logging((log) => {
          log.info('quiet')
        }),
      })
    ).close()
    await (
      await createKernel({
        llm: logging((log) => {
          log.info('heard')
        }),
        log: 'console',
      })
    ).close()
    console.info = info
    expect(written).toEqual([['heard', {}]])
  })
})
