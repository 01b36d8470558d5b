/** How soon another occurrence of a term stops to matter. */
const K1 = 1.2
/** How much a long document is held against its occurrences, 0 to 1. */
const B = 0.75

/**
 * Returns what a term is worth: the rarer, the more, and always above 0.
 * Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the usual 1 added
 * inside the logarithm so that a term in most documents does not count against them.
 *
 * @param holders - documents that hold the term, 1 or more
 * @param documents - documents in all
 */
export function inverseDocumentFrequency(holders: number, documents: number): number {
  return Math.log(1 + (documents - holders + 0.5) / (holders + 0.5))
}

/**
 * Returns how much the occurrences of a term in one document count: above 0, below 2.2, growing ever more slowly.
 * Takes the standard constants, k1 = 1.2 and b = 0.75.
 *
 * @param occurrences - weighted number of occurrences, above 0
 * @param relativeLength - length of the document by the average length
 */
export function saturation(occurrences: number, relativeLength: number): number {
  return (occurrences * (K1 + 1)) / (occurrences + K1 * (1 - B + B * relativeLength))
}
