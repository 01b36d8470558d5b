/** Names a specification of `@ai-sdk/provider`: that of AI SDK 5, 6 and 7. */
export type AiSdkSpec = 'v2' | 'v3' | 'v4'

/** Lists the specifications that are spoken, the oldest first. */
export const AI_SDK_SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']
