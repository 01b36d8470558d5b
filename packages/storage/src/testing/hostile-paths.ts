/** Is a path that must be refused, by every verb and on every system. */
export interface HostilePath {
  readonly path: string
  readonly code: 'AIOS_ACCESS_DENIED' | 'AIOS_INVALID_SYSCALL'
  /** What makes it hostile. */
  readonly what: string
}

const denied = (path: string, what: string): HostilePath => ({ path, code: 'AIOS_ACCESS_DENIED', what })
const invalid = (path: string, what: string): HostilePath => ({ path, code: 'AIOS_INVALID_SYSCALL', what })

/** Holds the ways in which a path can try to leave its root, or to be no path at all. */
export const HOSTILE_PATHS: readonly HostilePath[] = [
  denied('..', 'the parent of the root'),
  denied('../outside.txt', 'a sibling of the root'),
  denied('a/../../outside.txt', 'a climb hidden behind a descent'),
  denied('./.././outside.txt', 'a climb between dots'),
  denied('a/../b.txt', 'a climb that would stay inside'),
  denied('a/..', 'a climb at the end'),
  denied('/', 'the root of the system'),
  denied('/etc/passwd', 'an absolute path'),
  denied('//server/share/x', 'a network path with slashes'),
  denied('\\\\server\\share\\x', 'a network path with backslashes'),
  denied('\\\\?\\C:\\x', 'a device path of Windows'),
  denied('C:\\Windows\\x', 'a drive letter with backslashes'),
  denied('C:/Windows/x', 'a drive letter with slashes'),
  denied('c:x', 'a path relative to a drive'),
  denied('./C:/x', 'a drive letter behind a dot'),
  denied('..\\outside.txt', 'a climb with a backslash'),
  denied('a\\..\\..\\outside.txt', 'a hidden climb with backslashes'),
  denied('%2e%2e/outside.txt', 'a percent-encoded climb'),
  denied('..%2Foutside.txt', 'a climb with a percent-encoded slash'),
  denied('%2E.%5coutside.txt', 'a climb with a percent-encoded backslash'),
  denied('\uff0e\uff0e/outside.txt', 'a climb in full-width dots'),
  denied('\u2025/outside.txt', 'a climb in one character that means two dots'),
  denied('..\uff0foutside.txt', 'a climb with a full-width slash'),
  denied('.. /outside.txt', 'a climb with a space that some systems drop'),
  denied('a/.../outside.txt', 'three dots, which some systems take for a climb'),
  invalid('', 'an empty path'),
  invalid('\0', 'NUL alone'),
  invalid('a.txt\0.png', 'NUL that hides an ending'),
  invalid('../\0', 'NUL after a climb'),
  invalid('half-\ud800-character', 'text that is not well formed'),
]
