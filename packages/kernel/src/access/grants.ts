/** Grants part of the storage: everything at or below `path`. */
export interface StorageGrant {
  /** A path relative to the root; `.` grants all of it. */
  readonly path: string
  /** `ro` forbids `write` and `remove`. Default `rw`. */
  readonly mode?: 'ro' | 'rw' | undefined
}

/**
 * Says what a process may use. A key that is absent does not restrict; an empty list allows nothing.
 * A call must be allowed by the grants of its process **and** of every ancestor, so a child can only have less.
 * Names may end in `*`, which matches any rest: `local/*`, `team-*`, `*`.
 */
export interface Grants {
  /** Ids of cores. */
  readonly models?: readonly string[] | undefined
  /** Full tool names, such as `local/add` or `builtin/*`. */
  readonly tools?: readonly string[] | undefined
  /**
   * Memory namespaces besides the process's own, which it may always use. Absent: those of the parent; a process without
   * a parent then has only its own.
   */
  readonly memory?: readonly string[] | undefined
  /** Parts of the storage; a string is a path with mode `rw`. */
  readonly storage?: readonly (string | StorageGrant)[] | undefined
}
