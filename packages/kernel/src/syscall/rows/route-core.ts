import { denied } from '../../access/compiled-grants.js'
import type { ChatRequest, CoreRequest, ResponseFormat } from '../../driver/chat.js'
import type { EmbedRequest } from '../../driver/embed.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import type { LlmCoreView } from '../../driver/llm-router.js'
import type { Message } from '../../driver/message.js'
import { AiosError } from '../../error/aios-error.js'
import { weigh } from '../../process/budget.js'
import type { Lane } from '../../scheduler/lane.js'
import type { Syscall } from '../syscall.js'
import type { Detour } from '../syscall-row.js'
import { coreNeed } from './core-need.js'
import { describedTool } from './granted-tool.js'
import { assign } from './no-device.js'
import { routerFailed } from './router-failed.js'

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
  const lane = chosen(call, {
    model: request.model,
    llms: request.llms,
    serves: answers,
    pick: (lanes) => router.pick(request, views(preferred(call, lanes, request)), call.createdAt),
  })
  assign(call, lane)
  const tools = request.tools?.map((tool) => describedTool(call, tool))
  handOver(call, request, tools)
}

/** Chooses another core for a call, among those that have not failed it and are there; undefined if the router takes none. */
export function routeElsewhere(call: Syscall): Detour | undefined {
  const { kernel } = call.caller
  if (kernel.lanes.llm.length < 2) return undefined
  const { asked = call.request as ChatRequest, attempts = [] } = call.extras ?? {}
  const now = kernel.clock.now()
  const others = granted(call, answers).filter(
    (lane) => lane !== call.lane && attempts.every(({ lane: id }) => id !== lane.id) && lane.gate?.isDown(now) !== true,
  )
  if (others.length === 0) return undefined
  let id: string | undefined
  try {
    id = kernel.router.pick(asked, views(affordable(call, others, asked)), now)
  } catch (error) {
    routerFailed(kernel, error)
  }
  const lane = others.find(({ device }) => device.id === id)
  if (lane === undefined) return undefined
  // Tools were resolved, and granted, when the call was routed first.
  const { tools } = call.request as CoreRequest
  const take = (): void => {
    assign(call, lane)
    handOver(call, asked, tools)
  }
  return { lane, take }
}

/** Makes of what was asked what the core of a call gets; what it was made of is kept where they differ. */
function handOver(call: Syscall, asked: ChatRequest, tools: CoreRequest['tools']): void {
  const { model, llms, require, task, tools: named, ...rest } = asked
  const isPlain = model === undefined && llms === undefined && require === undefined && task === undefined
  const messages = describedFormat(call.device as LlmDriver, asked)
  call.request = asked
  if (named === undefined && isPlain && messages === undefined) return
  call.rare().asked = asked
  call.request = { ...rest, ...(tools && { tools }), ...(messages && { messages }) }
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

const views = (lanes: readonly Lane[]): readonly LlmCoreView[] => lanes.map(({ view }) => view)

/** Returns those of some cores that are there, and whose price the budgets of a call can bear; all, where there are none. */
function preferred(call: Syscall, lanes: readonly Lane[], request: ChatRequest): readonly Lane[] {
  const { createdAt } = call
  const isThere = ({ gate }: Lane): boolean => gate?.isDown(createdAt) !== true
  const there = lanes.every(isThere) ? lanes : lanes.filter(isThere)
  return affordable(call, there.length === 0 ? lanes : there, request)
}

/** Returns those of some cores whose price the budgets of a call can bear; all, where there are none. */
function affordable(call: Syscall, lanes: readonly Lane[], request: ChatRequest): readonly Lane[] {
  const { account } = call.owner
  if (account?.metered !== true || lanes.length < 2) return lanes
  const { maxOutputTokens } = call.caller.kernel.limits
  const bearable = lanes.filter(({ device }) => {
    try {
      return weigh(account, coreNeed(device as LlmDriver, request as CoreRequest, maxOutputTokens)).kind !== 'never'
    } catch {
      // A core that cannot say what it needs fails the call, if it is chosen.
      return true
    }
  })
  return bearable.length === 0 ? lanes : bearable
}

function isNamed({ device }: Lane, name: string | undefined): boolean {
  return device.id === name || (device as LlmDriver).model === name
}

/** Returns the cores that serve a call and that its process may use. */
function granted(call: Syscall, serves: Choice['serves']): readonly Lane[] {
  const { grants } = call.owner
  return call.caller.kernel.lanes.llm.filter(
    ({ device }) => serves(device as LlmDriver) && (grants === undefined || grants.model(device.id)),
  )
}

function chosen(call: Syscall, choice: Choice): Lane {
  const { kernel } = call.caller
  const { grants } = call.owner
  const all = kernel.lanes.llm.filter(({ device }) => choice.serves(device as LlmDriver))
  if (all.length === 0) {
    const what = kernel.lanes.llm.length === 0 ? 'No LLM core is there' : 'None of the LLM cores serves calls'
    throw new AiosError('AIOS_NO_DEVICE', `${what} for ${call.row.name}. ${NO_CORE}`)
  }
  const allowed = granted(call, choice.serves)
  const id = choice.pick(allowed)
  const lane = allowed.find((each) => each.device.id === id)
  if (lane !== undefined) return lane
  const wanted = choice.model ?? choice.llms?.map(({ name }) => name).join(', ')
  const forbidden = all.some(
    (each) =>
      !allowed.includes(each) &&
      (isNamed(each, choice.model) || choice.llms?.some(({ name }) => isNamed(each, name)) === true),
  )
  if (grants !== undefined && (forbidden || allowed.length === 0))
    throw denied(`Model "${wanted ?? 'any'}"`, grants.granted('models'))
  const names = allowed.map((each) => each.device.id).join(', ')
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
