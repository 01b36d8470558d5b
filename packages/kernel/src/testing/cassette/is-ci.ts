/** Tells whether the environment variable `CI` is set as those systems set it. */
export function isCI(value: string | undefined = process.env['CI']): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
