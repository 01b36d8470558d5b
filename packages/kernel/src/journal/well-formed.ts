/** Whether a text has no half characters, which UTF-8 cannot hold. Node 20 has the method; its types are newer. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
