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
/** Longer files, each with the lines it may have. */
const LONG_FILES: Readonly<Record<string, number>> = {};

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

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    const files = typescriptFiles(ROOT, ALL).filter((file) => !file.endsWith('.gen.ts'));
    const lines = new Map(
      files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length]),
    );
    assert.deepEqual(longFiles(lines, MAX_LINES, LONG_FILES), []);
  });
});
