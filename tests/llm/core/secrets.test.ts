import { describe, expect, it } from 'vitest'
import { secretsOf } from '../../../packages/llm/src/core/secrets.js'

describe('secretsOf', () => {
  it('redacts the key and the headers whose names tell', () => {
    const { redact } = secretsOf(['sk-abcdef'], { 'X-Api-Key': 'header-key', 'x-team': 'team-blue', cookie: 'crumbs' })
    expect(redact('sk-abcdef header-key team-blue crumbs sk-abcdef')).toBe(
      '[redacted] [redacted] team-blue [redacted] [redacted]',
    )
  })

  it('redacts every key, also where one begins another', () => {
    const { redact } = secretsOf(['sk-abcdef', undefined, 'sk-abcdef-two'], {})
    expect(redact('sk-abcdef-two and sk-abcdef')).toBe('[redacted] and [redacted]')
  })

  it('does not garble messages for the sake of a placeholder', () => {
    expect(secretsOf(['none'], {}).redact('none of it')).toBe('none of it')
    expect(secretsOf([undefined], {}).redact('none of it')).toBe('none of it')
  })

  it('keeps an error that shows nothing', () => {
    const error = new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    expect(secretsOf(['sk-abcdef'], {}).withoutSecrets(error)).toBe(error)
  })

  it('replaces an error that shows a secret anywhere, also deep inside', () => {
    const error = new TypeError('fetch failed', { cause: { deep: [{ er: { still: 'Bearer sk-abcdef' } }] } })
    const standIn = secretsOf(['sk-abcdef'], {}).withoutSecrets(error) as Error
    expect(standIn).not.toBe(error)
    expect([standIn.name, standIn.message, standIn.cause]).toEqual(['TypeError', 'fetch failed', undefined])
  })

  it('redacts the stack, and copes without one', () => {
    const error = new Error('bad sk-abcdef')
    const standIn = secretsOf(['sk-abcdef'], {}).withoutSecrets(error) as Error
    expect(standIn.stack).toContain('bad [redacted]')
    delete error.stack
    expect((secretsOf(['sk-abcdef'], {}).withoutSecrets(error) as Error).stack).toBe('')
  })

  it('redacts what is thrown without being an error', () => {
    expect(secretsOf(['sk-abcdef'], {}).withoutSecrets({ key: 'sk-abcdef' })).toBe("{ key: '[redacted]' }")
  })
})
