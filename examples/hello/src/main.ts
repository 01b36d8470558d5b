/** `npm start -- "question"` */
import { hello } from './hello.js'

console.log(await hello(process.argv[2] ?? 'What is 17 * 23 + 4?'))
