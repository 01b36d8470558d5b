/** Returns a number from 0 to below 1 that nobody can foresee: the dice of production. */
export function systemRandom(): number {
  const [bits = 0] = crypto.getRandomValues(new Uint32Array(1))
  return bits / 2 ** 32
}
