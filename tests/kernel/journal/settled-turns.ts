/** Lets the loop turn a few times. */
export async function settledTurns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}
