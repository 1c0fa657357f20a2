// dist/bundle: the command and its worker thread in a few dozen files, because resolving and reading some 300 modules
// took most of the time of a short command. From the TypeScript sources; the compiler has checked them by then.
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
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

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  outdir: OUT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: EXTERNAL,
  banner: { js: REQUIRE },
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
  logLevel: 'warning',
};

/** What the command line loads when it knows what is asked for: each a file of the other build, by its name. */
const LATER = ['src/cli/commands/jobs.ts', 'src/cli/commands/inspect.ts', 'src/cli/text/error.ts'];

const nameOf = (file: string): string => basename(file, '.ts');

const later: Plugin = {
  name: 'later',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${nameOf(path)}.js`, external: true } : undefined,
    );
  },
};

/** The command line's grammar and help: one file, because each costs `--help` half a millisecond. */
async function bundleMain(): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: { main: 'src/cli/main.ts' },
    // elsewhere it stays: credentials may come from a program
    alias: { 'node:child_process': './scripts/bundle/no-child-process.ts' },
    plugins: [later],
    metafile: true,
  });
  const there = new Set(LATER.map((file) => `./${nameOf(file)}.js`));
  for (const { kind, path } of metafile.outputs[`${OUT}/main.js`]!.imports)
    if (kind === 'dynamic-import' && !there.has(path)) throw new Error(`main.js loads ${path}: not in LATER`);
  return metafile;
}

/** All the rest, cut where `import()` cuts it. */
async function bundleRest(): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [
      ...LATER.map((file) => ({ in: file, out: nameOf(file) })),
      { in: 'workers/slice.ts', out: 'slice' },
      // The file that a thread of piscina starts with; piscina looks for it under this name beside itself.
      { in: 'node_modules/piscina/dist/worker.js', out: 'worker' },
    ],
    splitting: true,
    inject: ['scripts/bundle/base.ts', 'scripts/bundle/dirname.ts'],
    metafile: true,
  });
  return metafile;
}

// Names of chunks have hashes in them: yesterday's would stay for ever.
rmSync(join(ROOT, OUT), { recursive: true, force: true });
const [main, rest] = await Promise.all([bundleMain(), bundleRest()]);
const inputs = { ...main.inputs, ...rest.inputs };
writeFileSync(join(ROOT, OUT, 'LICENSES.txt'), licensesOf(ROOT, Object.keys(inputs)));
writeFileSync(join(ROOT, META), JSON.stringify({ inputs, outputs: { ...main.outputs, ...rest.outputs } }));
// Node looks upwards for the nearest one, to know what kind of module each file is. The last one, because the Makefile
// takes its time for the bundle's.
writeFileSync(join(ROOT, OUT, 'package.json'), '{ "type": "module" }\n');
