import * as kernel from '@aios/kernel'
import * as llm from '@aios/llm/testing'
import * as sdk from '@aios/sdk'
import * as tools from '@aios/tools'
import { program } from './program.mjs'

await program({ kernel, llm, sdk, tools })
