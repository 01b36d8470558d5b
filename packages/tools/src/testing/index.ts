/** Tools for testing tool drivers: the conformance suite as plain data, for any test runner. */
export { toolConformance } from './tool-conformance.js'
