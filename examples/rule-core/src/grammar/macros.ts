/** Names the wordings that many patterns share. */
export const MACROS: Readonly<Record<string, string>> = {
  in: '(in|inside|within|from|of|across|under|throughout|for|over)',
  the: '(the|all|all the|all of the|every|each|any|each of the)?',
  me: '(me|us)?',
  there: '(are there|is there|there are|are|is|exist|do you see|do we have|can you see|can you find|do you find)?',
  file: '(file|files|document|documents)',
  folder: '(folder|directory|subfolder|subdirectory|folders|directories|subfolders|subdirectories)',
  count:
    '(how many|how many of the|how many of all|what number of|count|count up|count the|count all|count all the|count how many|count the number of|number of|the number of|the count of|the total number of|what is the number of|what is the count of|what is the total number of|give me the number of)',
  show: '(show|list|print|display|give|get|find|output|return|search for|look for|see)',
  has: '(contain|contains|have|has|hold|holds|include|includes)',
}
