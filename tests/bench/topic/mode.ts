/** Says how thorough a benchmark is: `floor` is for continuous integration and takes seconds. */
export type Mode = 'full' | 'floor'
