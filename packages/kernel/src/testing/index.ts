/** Tools for testing agents and drivers: a clock that stands still, a kernel on it, recorded events, conformance helpers. */
export { virtualClock, type VirtualClock } from './virtual-clock.js'
export {
  check, checkRejects, fakeDriverCall, fakeDriverServices, type ConformanceCase, type FakeDriverCall,
} from './conformance.js'
