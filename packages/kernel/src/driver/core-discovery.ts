import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { Devices } from '../kernel-api.js'
import type { LaneTable } from '../scheduler/lane-table.js'
import type { LlmChoice } from './chat.js'
import type { LlmDriver } from './llm-driver.js'

/** Says why a driver that could know a model could not be asked, or its core not be added. */
export interface DiscoveryFailure {
  readonly driver: string
  readonly error: unknown
}

/** Is what the drivers made of a name: whether a core was added for it, and what went wrong. */
interface Search {
  readonly found: boolean
  readonly failures: readonly DiscoveryFailure[]
}

/** Asks the drivers of a kernel for cores that are not there, and adds what they find. */
export class CoreDiscovery {
  readonly #lanes: LaneTable
  readonly #devices: Devices
  /** The searches that go on, by backend and name: calls that want the same core wait for the same one. */
  readonly #searches = new Map<string, Promise<Search>>()

  constructor(lanes: LaneTable, devices: Devices) {
    this.#lanes = lanes
    this.#devices = devices
  }

  /** Returns what of some choices no core is, and a driver might know. */
  unknown(choices: readonly LlmChoice[]): readonly LlmChoice[] {
    return choices.filter((choice) => !this.#isThere(choice) && this.#finders(choice).length > 0)
  }

  /**
   * Looks for cores until one is found, in the order of the choices, and adds it.
   *
   * @returns what went wrong on the way; never rejects
   */
  async find(choices: readonly LlmChoice[]): Promise<readonly DiscoveryFailure[]> {
    const failures: DiscoveryFailure[] = []
    for (const choice of choices) {
      const search = await this.#search(choice)
      failures.push(...search.failures)
      if (search.found) break
    }
    return failures
  }

  #search(choice: LlmChoice): Promise<Search> {
    const key = JSON.stringify([choice.backend, choice.name])
    let search = this.#searches.get(key)
    if (search === undefined) {
      search = this.#ask(choice).finally(() => this.#searches.delete(key))
      this.#searches.set(key, search)
    }
    return search
  }

  /** Asks all at once: one that does not answer must not keep the others from it. The first in order of those who know wins. */
  async #ask(choice: LlmChoice): Promise<Search> {
    const finders = this.#finders(choice)
    const answers = await Promise.allSettled(finders.map(async (finder) => finder.discover?.(choice.name)))
    const failures: DiscoveryFailure[] = []
    for (const [index, answer] of answers.entries()) {
      const driver = (finders[index] as LlmDriver).id
      if (answer.status === 'rejected') failures.push({ driver, error: answer.reason })
      else if (answer.value !== undefined) {
        const error = await this.#added(answer.value)
        if (error === undefined) return { found: true, failures }
        failures.push({ driver, error })
      }
    }
    return { found: false, failures }
  }

  /** Adds a core that was found; returns why that failed, if it did. */
  async #added(core: LlmDriver): Promise<unknown> {
    try {
      if ((core as Partial<LlmDriver> | null)?.kind !== 'llm')
        throw new AiosError('AIOS_INVALID_OPTION', `Expected discover to return an llm driver, got ${describe(core)}.`)
      await this.#devices.add(core)
      return undefined
    } catch (error) {
      return error ?? new Error('The driver did not open.')
    }
  }

  #isThere({ name, backend }: LlmChoice): boolean {
    return this.#lanes.llm.some(({ device }) => {
      const { id, model, backend: own } = device as LlmDriver
      return (id === name || model === name) && (backend === undefined || backend === own)
    })
  }

  #finders({ backend }: LlmChoice): readonly LlmDriver[] {
    return this.#lanes.llm
      .map(({ device }) => device as LlmDriver)
      .filter((driver) => driver.discover !== undefined && (backend === undefined || backend === driver.backend))
  }
}
