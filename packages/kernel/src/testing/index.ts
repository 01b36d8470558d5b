/** Tools for testing agents and drivers: a clock that stands still, a kernel on it, recorded events, conformance helpers. */
export {
  check, checkRejects, fakeDriverCall, fakeDriverServices, type ConformanceCase, type FakeDriverCall,
} from './conformance.js'
export {
  callCassette, type CallCassette, type CallCassetteOptions, type CallRecording, type RecordedCall,
} from './cassette/call-cassette.js'
export { recordRun, type RecordRunOptions } from './cassette/record-run.js'
export { replayRun, type ReplayRunOptions } from './cassette/replay-cassette.js'
export { createTestKernel, type TestKernel } from './create-test-kernel.js'
export { policyConformance } from './policy-conformance.js'
export { recordEvents, type EventRecording, type RecordedEvent } from './record-events.js'
export { crashWriter } from './records/crash-writer.js'
export { recordConformance } from './records/record-conformance.js'
export { recordCrashes, type RecordCrashesOptions } from './records/record-crashes.js'
export type { RecordConformanceOptions } from './records/record-ground.js'
export { virtualClock, type VirtualClock } from './virtual-clock.js'
