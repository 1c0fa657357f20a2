import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorsOf, commandsOf, linksOf, words } from './markdown.ts';

const SAMPLE = [
  '# The title, `code` & more',
  'See [a](docs/a.md#x) and ![b](<b.png>) but not `[c](c.md)`.',
  '[ref]: other.md',
  '```sh',
  '$ PGPASSWORD=x parload copy a.parquet \\',
  '    postgres://h/db --table t   # comment --nope',
  'parload plan x null: | less',
  '[d](d.md)',
  '```',
  '## Twice',
  '## Twice',
  'Run `parload copy --help` or `node bin/parload.js inspect f`.',
].join('\n');

test('links', () => {
  assert.deepEqual(
    linksOf(SAMPLE).map((f) => `${f.line} ${f.text}`),
    ['2 docs/a.md#x', '2 b.png', '3 other.md'],
  );
});

test('anchors', () => {
  assert.deepEqual([...anchorsOf(SAMPLE)], ['the-title-code--more', 'twice', 'twice-1']);
});

test('commands', () => {
  const found = commandsOf(SAMPLE, 'parload');
  assert.deepEqual(
    found.map((f) => f.line),
    [5, 7, 12, 12],
  );
  assert.deepEqual(words(found[0]!.text), [
    'parload',
    'copy',
    'a.parquet',
    'postgres://h/db',
    '--table',
    't',
  ]);
  assert.deepEqual(words(found[1]!.text), ['parload', 'plan', 'x', 'null:']);
  assert.deepEqual(words(`parload copy --where "a > 'b c'" 'x y'`), [
    'parload',
    'copy',
    '--where',
    "a > 'b c'",
    'x y',
  ]);
});
