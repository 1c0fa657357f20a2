// `--help` answers at once because it loads almost nothing: no schema library, no driver, no threads, no WASM.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/root.ts';

const HEAVY = ['zod', 'pg', 'pg-protocol', 'piscina', 'parquet-wasm', 'pino', 'yaml', 'cli-progress'];

const dir = temporaryFolder();
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

async function packagesOf(args: readonly string[]): Promise<Set<string>> {
  const { stderr } = await runCli(args, { nodeArgs: ['--import', pathToFileURL(hook).href] });
  const urls = [...stderr.matchAll(/^module (.*)$/gm)].map((match) => match[1] ?? '');
  assert.ok(
    urls.some((url) => url.endsWith('/src/cli/main.js')),
    'the hook lists modules',
  );
  return new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []));
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

test('a load does use them, or the list above would prove nothing', async () => {
  const packages = await packagesOf(['plan', 'nowhere.parquet', 'null:']);
  assert.ok(packages.has('zod'));
});
