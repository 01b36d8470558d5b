/** Examples of a task that count as much as all that is known besides. */
const PRIOR = 20
/** Examples that a mean goes back. */
const MEMORY = 2_000
/** Tasks that are remembered; beyond it the one that was used least lately goes. */
const MOST_TASKS = 10_000

interface Mean {
  weight: number
  sum: number
}

/** Remembers how well one model did each class of task that agents declare. */
export class TaskMeans {
  readonly #all: Mean = { weight: 0, sum: 0 }
  readonly #tasks = new Map<string, Mean>()

  /** Returns the expected quality for a task; undefined before there is an example of it. */
  predict(task: string): number | undefined {
    const mean = this.#tasks.get(task)
    if (mean === undefined) return undefined
    return (mean.sum + PRIOR * (this.#all.sum / this.#all.weight)) / (mean.weight + PRIOR)
  }

  learn(task: string | undefined, quality: number): void {
    add(this.#all, quality)
    if (task === undefined) return
    const mean = this.#tasks.get(task) ?? { weight: 0, sum: 0 }
    this.#tasks.delete(task)
    this.#tasks.set(task, mean)
    add(mean, quality)
    const [oldest] = this.#tasks.keys()
    if (this.#tasks.size > MOST_TASKS && oldest !== undefined) this.#tasks.delete(oldest)
  }
}

function add(mean: Mean, quality: number): void {
  const keep = 1 - 1 / MEMORY
  mean.weight = mean.weight * keep + 1
  mean.sum = mean.sum * keep + quality
}
