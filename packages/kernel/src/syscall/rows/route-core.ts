import { denied } from '../../access/compiled-grants.js'
import type { ChatRequest, ResponseFormat } from '../../driver/chat.js'
import type { EmbedRequest } from '../../driver/embed.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import type { Message } from '../../driver/message.js'
import { AiosError } from '../../error/aios-error.js'
import type { Lane } from '../../scheduler/lane.js'
import type { Syscall } from '../syscall.js'
import { describedTool } from './granted-tool.js'
import { assign } from './no-device.js'

const NO_CORE = `Add one in one of three ways: createKernel({ llm: [openai('gpt-5-mini')] }) with '@aios/llm/openai'; set OPENAI_API_KEY or OLLAMA_HOST and use createKernel of '@aios/sdk'; or script one for tests with scriptedCore([…]) of '@aios/llm/testing'.`

/** Says which cores serve a call, and what one of them is chosen by. */
interface Choice {
  readonly model: string | undefined
  readonly llms?: ChatRequest['llms']
  serves(core: LlmDriver): boolean
  pick(lanes: readonly Lane[]): string | undefined
}

/** Chooses a core among those the process may use, and resolves the names of tools. */
export function routeChat(call: Syscall): void {
  const request = call.request as ChatRequest
  const { router } = call.caller.kernel
  const views = (lanes: readonly Lane[]): ReturnType<typeof viewOf>[] => lanes.map(viewOf)
  const lane = chosen(call, {
    model: request.model,
    llms: request.llms,
    serves: answers,
    pick: (lanes) => router.pick(request, views(lanes), call.createdAt),
  })
  assign(call, lane)
  const { model, llms, require, task, tools, ...rest } = request
  const isPlain = model === undefined && llms === undefined && require === undefined && task === undefined
  const messages = describedFormat(lane.device as LlmDriver, request)
  if (tools === undefined && isPlain && messages === undefined) return
  call.request = {
    ...rest,
    ...(tools === undefined ? {} : { tools: tools.map((tool) => describedTool(call, tool)) }),
    ...(messages === undefined ? {} : { messages }),
  }
}

/** Chooses a core that embeds: the one that is named, or the first. */
export function routeEmbed(call: Syscall): void {
  const { model, ...request } = call.request as EmbedRequest
  const lane = chosen(call, {
    model,
    serves: embeds,
    pick: (lanes) => lanes.find((each) => model === undefined || isNamed(each, model))?.device.id,
  })
  assign(call, lane)
  if (model !== undefined) call.request = request
}

function answers({ chat, stream, batches }: LlmDriver): boolean {
  return chat !== undefined || stream !== undefined || batches?.['llm.chat'] !== undefined
}

function embeds({ embed, batches }: LlmDriver): boolean {
  return embed !== undefined || batches?.['llm.embed'] !== undefined
}

const viewOf = ({ view }: Lane): Lane['view'] => view

function isNamed({ device }: Lane, name: string | undefined): boolean {
  return device.id === name || (device as LlmDriver).model === name
}

function chosen(call: Syscall, choice: Choice): Lane {
  const { kernel } = call.caller
  const { grants } = call.owner
  const all = kernel.lanes.llm.filter(({ device }) => choice.serves(device as LlmDriver))
  if (all.length === 0) {
    const what = kernel.lanes.llm.length === 0 ? 'No LLM core is there' : 'None of the LLM cores serves calls'
    throw new AiosError('AIOS_NO_DEVICE', `${what} for ${call.row.name}. ${NO_CORE}`)
  }
  const granted = grants === undefined ? all : all.filter((lane) => grants.model(lane.device.id))
  const id = choice.pick(granted)
  const lane = granted.find((each) => each.device.id === id)
  if (lane !== undefined) return lane
  const wanted = choice.model ?? choice.llms?.map(({ name }) => name).join(', ')
  const forbidden = all.some(
    (each) =>
      !granted.includes(each) &&
      (isNamed(each, choice.model) || choice.llms?.some(({ name }) => isNamed(each, name)) === true),
  )
  if (grants !== undefined && (forbidden || granted.length === 0))
    throw denied(`Model "${wanted ?? 'any'}"`, grants.granted('models'))
  const names = granted.map((each) => each.device.id).join(', ')
  throw new AiosError(
    'AIOS_NO_DEVICE',
    `Expected a model among ${names}, got ${wanted === undefined ? 'none that the router would take' : `"${wanted}"`}.`,
  )
}

/** Tells a core that has no mode for it in the conversation what its answer must look like. */
function describedFormat(
  { capabilities }: LlmDriver,
  { messages, responseFormat }: ChatRequest,
): readonly Message[] | undefined {
  if (responseFormat?.type !== 'json' || responseFormat.schema === undefined || capabilities?.schema !== false)
    return undefined
  return [...messages, { role: 'system', content: instructions(responseFormat) }]
}

function instructions({ schema }: Extract<ResponseFormat, { readonly type: 'json' }>): string {
  return `Answer with JSON only, without any other text or code fence. It must match this JSON Schema:\n${JSON.stringify(schema)}`
}
