// `--help` answers at once because it loads almost nothing: no schema library, no driver, no threads.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Int32 } from 'apache-arrow';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { ROOT, temporaryFolder } from '../support/root.ts';

const HEAVY = [
  'zod',
  'pg',
  'pg-protocol',
  'piscina',
  'pino',
  'yaml',
  'cli-progress',
  'undici',
  '@smithy/core',
];

const dir = temporaryFolder();
const file = writeParquetFile(join(dir, 'one.parquet'), {
  columns: [{ name: 'id', type: new Int32(), value: (row) => row }],
  rows: 1,
});
/** Prints every module on stderr as it is resolved. */
const hook = join(dir, 'list-modules.mjs');
const loader = join(dir, 'loader.mjs');
writeFileSync(
  loader,
  `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  process._rawDebug('module ' + found.url);
  return found;
}`,
);
writeFileSync(
  hook,
  `import { register } from 'node:module';\nregister(${JSON.stringify(pathToFileURL(loader).href)});\n`,
);

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

const { outputs } = JSON.parse(readFileSync(join(ROOT, 'dist', 'bundle.meta.json'), 'utf8')) as Metafile;

const packagesIn = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);

/** Of all modules that the command loads, in its threads as well: those in node_modules and those in the bundle. */
async function packagesOf(args: readonly string[]): Promise<Set<string>> {
  const { stderr } = await runCli(args, { nodeArgs: ['--import', pathToFileURL(hook).href] });
  const urls = [...stderr.matchAll(/^module (.*)$/gm)].map((match) => match[1] ?? '');
  assert.ok(
    urls.some((url) => url.endsWith('/dist/bundle/main.js')),
    'the hook lists modules, and the bundle is what runs',
  );
  const bundled = urls.flatMap((url) =>
    Object.keys(outputs[url.slice(url.indexOf('dist/bundle/'))]?.inputs ?? {}),
  );
  return new Set(packagesIn([...urls, ...bundled]));
}

for (const args of [['--help'], ['copy', '--help'], ['--version'], ['cpoy']]) {
  test(`parload ${args.join(' ')} loads nothing heavy`, async () => {
    const packages = await packagesOf(args);
    assert.deepEqual(
      HEAVY.filter((name) => packages.has(name)),
      [],
    );
  });
}

test('a load uses most of them, or the list above would prove nothing', async () => {
  const packages = await packagesOf(['copy', file, 'null:', '--workers', '1', '--memory', '256MiB']);
  assert.deepEqual(
    HEAVY.filter((name) => packages.has(name)),
    ['zod', 'piscina'],
  );
});
