/** Is a member of a {@link Chain}, which keeps its links in it. */
export interface ChainMember<T> {
  before: T | undefined
  after: T | undefined
}

/** Keeps members in an order that only ever moves one to the end: O(1), and no memory of its own per member. */
export class Chain<T extends ChainMember<T>> {
  protected first: T | undefined = undefined
  protected last: T | undefined = undefined

  /** Puts a member that is not in it at the end. */
  protected append(member: T): void {
    member.before = this.last
    member.after = undefined
    if (this.last === undefined) this.first = member
    else this.last.after = member
    this.last = member
  }

  /** Takes a member out. */
  protected unlink(member: T): void {
    if (member.before === undefined) this.first = member.after
    else member.before.after = member.after
    if (member.after === undefined) this.last = member.before
    else member.after.before = member.before
  }
}
