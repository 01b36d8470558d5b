/** A model stand-in for running the examples offline. */
export { ruleCore } from './rule-core.js'
export { offlineModel } from './offline-model.js'
