const conditions = process.env['AIOS_TEST_BUILT'] === '1' ? [] : ['--conditions=@aios/source']

/** Let Node run a program in TypeScript: against the sources, or what was built of them, as the tests that start it. */
export const NODE_ARGUMENTS: readonly string[] = [...conditions, '--import', import.meta.resolve('tsx')]
