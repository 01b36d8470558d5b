import { describe, expect, it } from 'vitest'
import * as kernel from '@aios/kernel'
import * as driver from '@aios/kernel/driver'
import * as testing from '@aios/kernel/testing'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'

// What users rely on, written out: a change here is a change of the public surface and belongs in the changelog.
describe('the public surface of the kernel', () => {
  it('exports exactly these values', () => {
    expect(Object.keys(kernel).sort()).toEqual([
      'AiosError',
      'DEFAULT_LIMITS',
      'ERROR_CODES',
      'contextWindow',
      'createKernel',
      'criticalPath',
      'deadline',
      'defineSyscall',
      'diffRuns',
      'dropToolOutput',
      'fairShare',
      'fifo',
      'fitContext',
      'fork',
      'hybrid',
      'leastAttained',
      'listRuns',
      'messageParts',
      'messageText',
      'pQueueClass',
      'pageOut',
      'predictedShortest',
      'priority',
      'prune',
      'ramRecords',
      'readRun',
      'replay',
      'roundRobin',
      'summarise',
    ])
    expect(Object.keys(driver).sort()).toEqual([
      'AiosError',
      'ChangeFeeds',
      'Limiter',
      'OpenCount',
      'RECORD_BOUNDS',
      'checkOptions',
      'checkedIteration',
      'decodeRecords',
      'derivedJsonSchema',
      'describeValue',
      'encodeRecords',
      'importRecords',
      'inputBound',
      'keyText',
      'messageParts',
      'messageText',
      'option',
      'plainJsonSchema',
      'recordArguments',
      'recordFailure',
      'systemClock',
    ])
    expect(Object.keys(testing).sort()).toEqual([
      'callCassette',
      'check',
      'checkRejects',
      'crashWriter',
      'createTestKernel',
      'fakeDriverCall',
      'fakeDriverServices',
      'policyConformance',
      'recordConformance',
      'recordCrashes',
      'recordEvents',
      'recordRun',
      'replayRun',
      'virtualClock',
    ])
  })

  it('has exactly these syscalls', async () => {
    await using it = await createTestKernel()
    await expect(it.sys().call('?')).rejects.toMatchObject({
      message:
        'Expected one of llm.chat, llm.stream, llm.embed, llm.json, llm.callTool, memory.add, memory.get, memory.update, memory.remove, ' +
        'memory.retrieve, storage.write, storage.read, storage.list, storage.stat, storage.remove, tool.call, tool.callAll, tool.list, ' +
        'agent.spawn, agent.send, agent.receive, agent.wait, clock.now, clock.sleep, random.next, random.int, random.uuid, ' +
        'random.bytes, got "?".',
    })
  })

  it('has exactly these error codes', () => {
    expect(Object.keys(kernel.ERROR_CODES)).toEqual(
      `INVALID_OPTION UNKNOWN_SYSCALL INVALID_SYSCALL NO_DEVICE MISSING_PEER QUEUE_FULL LIMIT_IMPOSSIBLE DEADLINE_EXCEEDED PROCESS_KILLED
      PROCESS_EXITED AGENT_FAILED NO_SUCH_PROCESS WAIT_CYCLE BUDGET_EXCEEDED BUDGET_UNPRICED ACCESS_DENIED CLOSED BUG DRIVER_FAILED
      HOOK_FAILED STREAM_IDLE NOT_FOUND QUOTA_EXCEEDED NOT_CLONEABLE VERSION_CONFLICT CORRUPT STORE_UNAVAILABLE
      IDEMPOTENCY_CONFLICT REPLAY_DIVERGED OUTCOME_UNKNOWN NO_SUCH_TOOL TOOL_FAILED TOOL_TIMEOUT INVALID_TOOL_INPUT
      INVALID_TOOL_OUTPUT UNSUPPORTED NETWORK_FORBIDDEN LLM_AUTH LLM_PERMISSION LLM_NOT_FOUND LLM_BAD_REQUEST LLM_CONTEXT_OVERFLOW
      LLM_CONTENT_FILTER LLM_RATE_LIMIT LLM_OVERLOADED LLM_SERVER LLM_TIMEOUT LLM_NETWORK LLM_INCOMPLETE_STREAM LLM_INVALID_OUTPUT`
        .split(/\s+/)
        .map((code) => `AIOS_${code}`),
    )
  })

  it('has exactly these events', async () => {
    await using it = await createTestKernel()
    expect(() => it.on('?' as never, () => undefined)).toThrow(
      'Expected one of process:spawned, process:suspended, process:resumed, process:priority-changed, process:killed, process:exited, ' +
        'syscall:queued, syscall:started, syscall:preempted, syscall:retried, syscall:settled, lane:saturated, lane:drained, core:limited, core:tripped, core:recovered, driver:abandoned, driver:failed, access:denied, ' +
        'context:saved, context:restored, context:trimmed, message:sent, listener:failed, kernel:closed, got "?".',
    )
    expect(recordEvents(it).names).toEqual([])
  })

  it('has exactly these limits and defaults', () => {
    expect(kernel.DEFAULT_LIMITS).toEqual({
      abandonAfterMs: 5_000,
      streamIdleMs: 60_000,
      streamBufferParts: 10_000,
      replyChars: 16_777_216,
      maxOutputTokens: 4_096,
      laneDepth: 1_000_000,
      mailboxDepth: 1_000,
      eventBuffer: 1_024,
      exitedProcesses: 256,
      replayIdleMs: 10_000,
      leaseMs: 10_000,
      journalRetryMs: 30_000,
      journalBufferBytes: 67_108_864,
      idempotencyKeys: 100_000,
      idempotencyMs: 604_800_000,
      closeAfterMs: 10_000,
    })
  })

  it('recognises its errors across copies of the package, with a code of choice', () => {
    const error = new kernel.AiosError('AIOS_NOT_FOUND', 'no', { cause: 1, details: { id: 'x' }, retryAfterMs: 5 })
    const copy = Object.defineProperty(new Error('from another copy'), Symbol.for('aios.error'), { value: true })
    expect([
      kernel.AiosError.is(error),
      kernel.AiosError.is(error, 'AIOS_NOT_FOUND'),
      kernel.AiosError.is(error, 'AIOS_BUG'),
    ]).toEqual([true, true, false])
    expect([
      kernel.AiosError.is(copy),
      kernel.AiosError.is(null),
      kernel.AiosError.is('x'),
      kernel.AiosError.is(new Error('x')),
    ]).toEqual([true, false, false, false])
    expect(error).toMatchObject({
      name: 'AiosError',
      retryable: false,
      cause: 1,
      details: { id: 'x' },
      retryAfterMs: 5,
    })
    expect(new kernel.AiosError('AIOS_QUEUE_FULL', 'x')).toMatchObject({ retryable: true })
    expect(new kernel.AiosError('AIOS_QUEUE_FULL', 'x', { retryable: false }).retryable).toBe(false)
    expect(new kernel.AiosError('THIRD_PARTY' as never, 'x').retryable).toBe(false)
  })
})
