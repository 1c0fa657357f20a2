// The real code against the rules.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../support/root.ts';
import { importGraph, typescriptFiles } from './graph.ts';
import {
  connectorBreaks,
  cycles,
  directionBreaks,
  longFiles,
  packageBreaks,
  undeclaredBreaks,
} from './rules.ts';

const MAX_LINES = 300;
/** Tables of cases are longer without being harder to read. */
const MAX_TEST_LINES = 500;
/** Longer files, each with the lines it may have. */
const LONG_FILES: Readonly<Record<string, number>> = {
  'test/integration/pg-copy-binary.test.ts': 700,
};

const CODE = ['src', 'workers'];
const ALL = [...CODE, 'scripts', 'test', 'bench'].filter((dir) => existsSync(join(ROOT, dir)));

const graph = await importGraph(ROOT, CODE);

describe('the house', () => {
  test('the graph is the real one', () => {
    const imports = [...graph.values()].flat();
    assert.ok(graph.size > 30, `${graph.size} files`);
    assert.ok(imports.filter((i) => !i.external && !i.typeOnly).length > 50);
    assert.ok(imports.some((i) => i.typeOnly && !i.external));
    for (const [file, list] of graph)
      for (const { to, external } of list) assert.ok(external || graph.has(to), `${file} imports ${to}`);
  });

  test('imports go leftwards only', () => assert.deepEqual(directionBreaks(graph), []));
  test('connectors never import one another', () => assert.deepEqual(connectorBreaks(graph), []));
  test('each package has its place', () => assert.deepEqual(packageBreaks(graph), []));
  test('no import cycles', () => assert.deepEqual(cycles(graph), []));

  test('what runs imports declared dependencies only', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    assert.deepEqual(undeclaredBreaks(graph, new Set(Object.keys(manifest.dependencies))), []);
  });

  const limits: [string[], number][] = [
    [ALL.filter((dir) => dir !== 'test'), MAX_LINES],
    [['test'], MAX_TEST_LINES],
  ];
  for (const [dirs, limit] of limits) {
    test(`no file in ${dirs.join(', ')} is longer than ${limit} lines`, () => {
      const files = typescriptFiles(ROOT, dirs).filter((file) => !file.endsWith('.gen.ts'));
      const lines = new Map(
        files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length]),
      );
      const exceptions = Object.entries(LONG_FILES).filter(([file]) => dirs.includes(file.split('/')[0]!));
      assert.deepEqual(longFiles(lines, limit, Object.fromEntries(exceptions)), []);
    });
  }
});
