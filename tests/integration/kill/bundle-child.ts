// Bundles the program whose processes are killed; apart, since what bundles leaves a process running beside it.
import { bundle } from '../../setup/bundle.js'

const [folder = ''] = process.argv.slice(2)
await bundle(new URL('./mortal-child.ts', import.meta.url), folder, 'mortal-child')
process.exit()
