import { AiosError, describeValue, type DriverServices } from '@aios/kernel/driver'
import { CallScope } from '../core/call-scope.js'
import type { CoreOptions } from '../core/core-options.js'
import { resolveEndpoints } from '../core/endpoint.js'
import { providerError } from '../core/provider-error.js'
import type { Exchange } from '../core/protocol.js'
import { secretsOf, type Secrets } from '../core/secrets.js'
import { ollamaFault } from './fault.js'
import { isModel, listedModels, shownModel, type OllamaModel, type ShownModel } from './listed-model.js'
import { sdkClients, type ClientOf } from './ollama-client.js'
import { ollamaDefaults } from './ollama-options.js'
import { loadSdk } from './sdk.js'

/** Milliseconds that a host may take to say what it has; a call waits for it. */
const ASK_MS = 5_000

interface Open {
  readonly clock: DriverServices['clock']
  readonly clientOf: ClientOf
  readonly secrets: Secrets
}

/** Asks an Ollama host what models it has. */
export class ModelHost {
  readonly #call: string
  readonly #id: string
  readonly #options: CoreOptions
  readonly #scopes = new Set<CallScope>()
  #open: Open | undefined

  /**
   * @param call - the function that made it, for messages
   * @param id - of the driver, for messages
   */
  constructor(call: string, id: string, options: CoreOptions) {
    this.#call = call
    this.#id = id
    this.#options = options
  }

  /**
   * Reads the environment and loads the SDK. Nothing is sent.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` or `AIOS_MISSING_PEER`
   */
  async open({ clock }: DriverServices): Promise<void> {
    const endpoints = resolveEndpoints(this.#options, ollamaDefaults(this.#call), process.env)
    // Several endpoints serve the same models.
    const [endpoint] = endpoints
    if (endpoint === undefined)
      throw new AiosError('AIOS_INVALID_OPTION', `Expected ${this.#call} to have an endpoint.`)
    const keys = endpoints.map(({ apiKey }) => apiKey)
    const secrets = secretsOf(keys, this.#options.headers ?? {})
    this.#open = { clock, clientOf: sdkClients(await loadSdk(), endpoint, this.#options), secrets }
  }

  /** Stops asking. Idempotent. */
  close(): void {
    this.#open = undefined
    for (const scope of this.#scopes)
      scope.stop(() => new AiosError('AIOS_CLOSED', `The host "${this.#id}" was closed.`))
  }

  /**
   * Lists the models of the host.
   *
   * @throws AiosError `AIOS_CLOSED`, or an `AIOS_LLM_…` code if the host cannot be asked
   */
  async list(): Promise<readonly OllamaModel[]> {
    const body = await this.#ask((exchange, clientOf) => clientOf(exchange).list())
    const models = listedModels(body)
    if (models !== undefined) return models
    const message = `Expected a list of models from the host "${this.#id}", got ${describeValue(body)}. Is baseURL the root of an Ollama server?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }

  /**
   * Looks for a model.
   *
   * @returns undefined if the host does not have it
   * @throws AiosError `AIOS_CLOSED`, or an `AIOS_LLM_…` code if the host cannot be asked
   */
  async find(name: string): Promise<ShownModel | undefined> {
    const models = await this.list()
    if (!models.some((model) => isModel(model, name))) return undefined
    const body = await this.#ask((exchange, clientOf) => clientOf(exchange).show({ model: name }))
    return shownModel(body)
  }

  async #ask(ask: (exchange: Exchange, clientOf: ClientOf) => Promise<unknown>): Promise<unknown> {
    const open = this.#open
    if (open === undefined)
      throw new AiosError('AIOS_CLOSED', `The host "${this.#id}" is not open. Hand it to createKernel first.`)
    const { clock, clientOf, secrets } = open
    const scope: CallScope = new CallScope({
      caller: new AbortController().signal,
      clock,
      silenceMs: ASK_MS,
      onClose: () => void this.#scopes.delete(scope),
    })
    this.#scopes.add(scope)
    const translation = {
      provider: 'ollama',
      core: this.#id,
      keyAdvice: 'the option apiKey, or OLLAMA_API_KEY',
      secrets,
    }
    try {
      return await scope.wait(
        () => ask({ signal: scope.signal, heard: () => undefined }, clientOf),
        (error) => providerError(error, ollamaFault(error, clock.now()), translation),
      )
    } finally {
      scope.close()
    }
  }
}
