/** Whether `npm run proof` is running, which gives every random search far more tries than the gate has time for. */
export const isProof = process.env['AIOS_PROOF'] === '1'

/**
 * Chooses how often a property is tried.
 *
 * @param inGate - tries in `npm run check`: a few seconds at most
 * @param inProof - tries in `npm run proof`
 */
export function runs(inGate: number, inProof: number): number {
  return isProof ? inProof : inGate
}
