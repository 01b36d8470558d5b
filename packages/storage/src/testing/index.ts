/** Proves that a storage driver keeps its contract, under any test runner. */
export { HOSTILE_PATHS, type HostilePath } from './hostile-paths.js'
export { storageConformance, type MakeStorage } from './storage-conformance.js'
export { storageRootConformance, type MakeRootedStorage } from './storage-root-conformance.js'
