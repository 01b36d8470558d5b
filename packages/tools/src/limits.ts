/** Milliseconds a tool may run where its definition names none. */
export const DEFAULT_TIMEOUT_MS = 60_000

/** Most milliseconds that a timer of the platform can wait; `Infinity` means no limit instead. */
export const MAX_TIMEOUT_MS = 2_147_483_647

/** Most characters a tool may return where its definition names none. */
export const DEFAULT_OUTPUT_CHARS = 1_048_576

/** Names that an error proposes instead of one that does not exist. */
export const SUGGESTIONS = 3

/** Issues of one schema violation that an error spells out. */
export const ISSUES_SHOWN = 8

/** Characters of a foreign message that an error repeats. */
export const MESSAGE_CHARS = 1_000

/** Characters of an expression that the calculator reads. */
export const EXPRESSION_CHARS = 1_000

/** Levels of parentheses, signs and powers that the calculator follows. */
export const EXPRESSION_DEPTH = 64

/** Decimal digits that a number of the calculator may have above and below its fraction bar. */
export const NUMBER_DIGITS = 500

/** Greatest exponent of the calculator, either sign. */
export const EXPONENT = 10_000

/** Significant digits with which the calculator approximates what has no finite decimal form. */
export const APPROXIMATE_DIGITS = 30

/** Characters of a path, or of a text to search for, that the file tools take. */
export const PATH_CHARS = 1_024

/** Entries that one listing shows at most, and by default. */
export const LIST_ENTRIES = { most: 1_000, byDefault: 200 } as const

/** Characters that one reading shows at most. */
export const READ_CHARS = 32_768

/** Bytes of the largest file that the file tools open. */
export const FILE_BYTES = 16_777_216

/** Characters that one writing takes. */
export const WRITE_CHARS = 1_048_576

/** Matches that one search shows at most, and by default. */
export const SEARCH_MATCHES = { most: 500, byDefault: 50 } as const

/** Characters of a pattern for file names. */
export const GLOB_CHARS = 256

/** Bytes that one search reads at most, over all files. */
export const SEARCH_BYTES = 67_108_864

/** Characters of a matching line that a search shows. */
export const LINE_CHARS = 400

/** Steps of a compiled regular expression, and characters of a line it is tried on: together they bound one try. */
export const REGEX = { steps: 200, lineChars: 4_096 } as const

/** Milliseconds of searching after which everyone else gets a turn. */
export const SEARCH_SLICE_MS = 8

/** Characters of a note that the memory tools take. */
export const NOTE_CHARS = 32_768

/** Characters of a memory query. */
export const QUERY_CHARS = 1_000

/** Tags of a note. */
export const NOTE_TAGS = 32

/** Characters of a tag, or of the id of a note. */
export const TAG_CHARS = 256

/** Notes that one recall shows at most, and by default. */
export const RECALL_NOTES = { most: 50, byDefault: 5 } as const
