/** Is the number of the layout that this version of the driver writes. */
export const SCHEMA = '1'

/**
 * Names the keys of one store in Redis. All have one hash tag, so that on a cluster they are in one slot and a script may
 * use them together.
 */
export class Layout {
  readonly root: string

  constructor(prefix: string) {
    this.root = `${prefix}{records}:`
  }

  /** Is a hash: `schema`, `last` version, number of `facts` of the change feed. */
  get meta(): string {
    return `${this.root}meta`
  }

  /** Is a hash: the bytes of keys and values of each space. */
  get spaces(): string {
    return `${this.root}spaces`
  }

  /** Is the channel that changes are published on. */
  get changes(): string {
    return `${this.root}changes`
  }

  /** Is a hash: what became of the last writes of one opener. */
  session(id: string): string {
    return `${this.root}session:${id}`
  }

  /** Is the beginning of the names of sorted sets that order the keys of a space. */
  get keys(): string {
    return `${this.root}keys:`
  }

  /** Is the beginning of the names of hashes that hold the framed values of a space. */
  get data(): string {
    return `${this.root}data:`
  }

  /** Returns the beginnings of the names of the copies that one export reads. */
  copies(id: string): { readonly keys: string; readonly data: string } {
    return { keys: `${this.root}copy:${id}:keys:`, data: `${this.root}copy:${id}:data:` }
  }
}
