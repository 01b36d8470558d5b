/**
 * Finds how few of `most` things have to go until the rest fits, by halving. What it returns was found to fit, unless it is
 * `most`: then perhaps nothing does.
 */
export async function fewestThatFit(most: number, fits: (gone: number) => Promise<boolean>): Promise<number> {
  let low = 0
  let high = most
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await fits(middle)) high = middle
    else low = middle + 1
  }
  return high
}
