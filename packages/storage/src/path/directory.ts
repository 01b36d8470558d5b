/**
 * Is a directory that was entered. Files are reached only through the directory that holds them, one name at a time, so
 * that the operating system never follows a link on our behalf.
 */
export interface Directory {
  /**
   * Returns the path by which the operating system reaches an entry of this directory now. Use it at once, and with
   * calls that do not follow a link at its end.
   *
   * @param name - one name, not `..`; `.` is the directory itself
   * @throws an error with code `ELOOP` if a link has taken the place of the directory
   */
  at(name: string): Promise<string>
  /**
   * Enters an entry of this directory.
   *
   * @throws an error with code `ENOENT` if there is none, `ENOTDIR` or `ELOOP` if it is a file or a link
   */
  enter(name: string): Promise<Directory>
  /** Lets go of the directory; doing so twice is harmless. */
  leave(): Promise<void>
}
