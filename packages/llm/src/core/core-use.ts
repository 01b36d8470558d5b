import { option, type OptionField } from '@aios/kernel/driver'

/** Says what a core is for. */
export type CoreUse = 'chat' | 'embed' | 'both'

/** Checks what a core is for. */
export const USE: OptionField = option.optional(option.oneOf('chat', 'embed', 'both'))

/** Holds what a core serves, by what it is for. */
export const SERVES: Readonly<Record<CoreUse, readonly ('chat' | 'embed')[]>> = {
  chat: ['chat'],
  embed: ['embed'],
  both: ['chat', 'embed'],
}
