const kernel = require('@aios/kernel')
const llm = require('@aios/llm/testing')
const sdk = require('@aios/sdk')
const tools = require('@aios/tools')
const { program } = require('./program.mjs')

program({ kernel, llm, sdk, tools }).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
