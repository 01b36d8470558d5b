import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Options } from 'tsup'
import { planted } from '../mutation/mutant.js'

/** A native library is loaded from where it is installed. */
const nativeStaysHome: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'native-stays-home',
  setup(build) {
    const storage = createRequire(new URL('../../packages/storage/package.json', import.meta.url))
    build.onResolve({ filter: /^lmdb$/ }, () => ({
      path: pathToFileURL(join(dirname(storage.resolve('lmdb')), '..', 'node-index.js')).href,
      external: true,
    }))
  },
}

/** What is bundled has the seeded bug that the tests are to notice. */
const seededBug: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'seeded-bug',
  setup(build) {
    build.onLoad({ filter: /[.]ts$/ }, async ({ path }) => {
      const contents = await planted(path)
      return contents === undefined ? undefined : { contents, loader: 'ts' }
    })
  },
}

/**
 * Makes one file of a program and the sources that it imports, as the packages are built: it starts fast, and no loader changes
 * what it does. What does so stays behind in this process.
 *
 * @param entry - the program
 * @param folder - where the file goes
 * @param name - its name, without an extension
 * @returns its path
 */
export async function bundle(entry: URL, folder: string, name: string): Promise<string> {
  await build({
    entry: { [name]: fileURLToPath(entry) },
    outDir: folder,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    noExternal: [/.*/],
    esbuildPlugins: [nativeStaysHome, seededBug],
    config: false,
    silent: true,
    // Some of what they import asks for modules of Node the old way.
    banner: { js: "import { createRequire as __cjs } from 'node:module';const require = __cjs(import.meta.url);" },
    outExtension: () => ({ js: '.mjs' }),
    esbuildOptions: (options) => {
      options.conditions = ['@aios/source']
    },
  })
  return join(folder, `${name}.mjs`)
}
