// dist/bundle: the command and its worker thread in a few dozen files, because resolving and reading some 300 modules
// took most of the time of a short command. From the TypeScript sources; the compiler has checked them by then.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { licensesOf } from './licenses.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OUT = 'dist/bundle';
/** What went into which file: for tests. Beside the bundle, or it would be published. */
const META = 'dist/bundle.meta.json';

/**
 * Stay in node_modules: pino is rarely loaded, and the others are optional. Modules of WebAssembly are found by their
 * packages' names as well, see `createRequire` in src/parquet.
 */
const EXTERNAL = ['pino', 'pg-native', '@napi-rs/nice'];

/** Packages in CommonJS call `require` for what comes with Node. */
const REQUIRE =
  "import { createRequire as toRequire } from 'node:module'; const require = toRequire(import.meta.url);";

const LINE_LIMIT = 200;

async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      main: 'src/cli/main.ts',
      slice: 'workers/slice.ts',
      // The file that a thread of piscina starts with; piscina looks for it under this name beside itself.
      worker: 'node_modules/piscina/dist/worker.js',
    },
    outdir: OUT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    alias: { 'node:child_process': './scripts/bundle/no-child-process.ts' },
    banner: { js: REQUIRE },
    inject: ['scripts/bundle/base.ts', 'scripts/bundle/dirname.ts'],
    define: { PARLOAD_BUNDLED: 'true' },
    // Names stay: they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // An error that nobody caught is shown with its line.
    lineLimit: LINE_LIMIT,
    sourcemap: true,
    sourcesContent: false,
    // LICENSES.txt has them.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

// Names of chunks have hashes in them: yesterday's would stay for ever.
rmSync(join(ROOT, OUT), { recursive: true, force: true });
const metafile = await bundle();
writeFileSync(join(ROOT, OUT, 'LICENSES.txt'), licensesOf(ROOT, Object.keys(metafile.inputs)));
writeFileSync(join(ROOT, META), JSON.stringify(metafile));
// Node looks upwards for the nearest one, to know what kind of module each file is. The last one, because the Makefile
// takes its time for the bundle's.
writeFileSync(join(ROOT, OUT, 'package.json'), '{ "type": "module" }\n');
