// The checks themselves: each must find the fault that it is there for.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../support/root.ts';
import { type Graph, importGraph, packageOf, typeImports } from './graph.ts';
import {
  areaOf,
  connectorBreaks,
  cycles,
  directionBreaks,
  longFiles,
  packageBreaks,
  undeclaredBreaks,
} from './rules.ts';

const graphOf = (edges: Record<string, string[]>): Graph =>
  new Map(
    Object.entries(edges).map(([from, list]) => [
      from,
      list.map((to) => ({ to, external: !/^(src|workers)\//.test(to), typeOnly: false })),
    ]),
  );

describe('the rules find faults', () => {
  test('against the direction', () => {
    const good = { 'src/errors/a.ts': ['src/model/b.ts'], 'src/parquet/a.ts': ['src/arrow/b.ts'] };
    assert.deepEqual(directionBreaks(graphOf(good)), []);
    assert.equal(directionBreaks(graphOf({ 'src/model/a.ts': ['src/errors/b.ts'] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'src/arrow/a.ts': ['src/parquet/b.ts'] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'src/sinks/x/a.ts': ['src/config/b.ts'] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'src/sinks/x/a.ts': ['src/coordinator/b.ts'] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'src/registry.gen.ts': ['src/index.ts'] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'workers/slice.ts': ['src/coordinator/b.ts'] })).length, 1);
  });

  test('a folder that nobody ranked', () => {
    assert.equal(directionBreaks(graphOf({ 'src/misc/a.ts': [] })).length, 1);
    assert.equal(directionBreaks(graphOf({ 'src/utils.ts': [] })).length, 1);
  });

  test('a connector that imports another', () => {
    assert.deepEqual(connectorBreaks(graphOf({ 'src/sinks/a/x.ts': ['src/sinks/a/y.ts'] })), []);
    assert.equal(connectorBreaks(graphOf({ 'src/sinks/a/x.ts': ['src/sinks/b/y.ts'] })).length, 1);
    assert.equal(connectorBreaks(graphOf({ 'src/sinks/a/x.ts': ['src/sources/a/y.ts'] })).length, 1);
  });

  test('a package out of its place', () => {
    assert.deepEqual(packageBreaks(graphOf({ 'src/coordinator/pool.ts': ['piscina'] })), []);
    assert.equal(packageBreaks(graphOf({ 'src/coordinator/run.ts': ['piscina'] })).length, 1);
    assert.equal(packageBreaks(graphOf({ 'src/sinks/null/a.ts': ['node:worker_threads'] })).length, 1);
    assert.equal(packageBreaks(graphOf({ 'src/sinks/null/a.ts': ['pg'] })).length, 1);
    assert.equal(packageBreaks(graphOf({ 'src/arrow/a.ts': ['apache-arrow'] })).length, 1);
    assert.equal(packageBreaks(graphOf({ 'src/encoders/x/a.ts': ['node:net'] })).length, 1);
  });

  test('a dependency that package.json does not name', () => {
    const graph = graphOf({ 'src/cli/a.ts': ['left-pad', 'commander', 'node:fs'] });
    assert.equal(undeclaredBreaks(graph, new Set(['commander'])).length, 1);
  });

  test('a cycle, but not one of types', () => {
    const graph = graphOf({ 'src/a.ts': ['src/b.ts'], 'src/b.ts': ['src/c.ts'], 'src/c.ts': ['src/b.ts'] });
    assert.deepEqual(cycles(graph), ['src/b.ts -> src/c.ts -> src/b.ts']);
    const types: Graph = new Map(
      [...graph].map(([from, list]) => [from, list.map((i) => ({ ...i, typeOnly: true }))]),
    );
    assert.deepEqual(cycles(types), []);
  });

  test('a long file, and an exception that is not needed any more', () => {
    const lines = new Map([
      ['a.ts', 301],
      ['b.ts', 300],
    ]);
    assert.equal(longFiles(lines, 300, {}).length, 1);
    assert.deepEqual(longFiles(lines, 300, { 'a.ts': 310 }), []);
    assert.equal(longFiles(lines, 300, { 'a.ts': 310, 'b.ts': 310 }).length, 1);
  });
});

describe('the graph', () => {
  test('names', () => {
    assert.equal(packageOf('parquet-wasm/esm'), 'parquet-wasm');
    assert.equal(packageOf('@scope/name/x'), '@scope/name');
    assert.equal(packageOf('node:fs/promises'), 'node:fs');
    assert.equal(areaOf('src/registry.gen.ts'), 'registry');
    assert.equal(areaOf('src/index.ts'), 'index');
    assert.equal(areaOf('src/sinks/null/index.ts'), 'sinks');
    assert.equal(areaOf('workers/slice.ts'), 'workers');
  });

  test('type imports', () => {
    const code = [
      "import type { A } from '../model/index.ts';",
      "import { type B, type C } from 'pg';",
      "import { type D, e } from './value.ts';",
      "export type { F } from './f.ts';",
    ].join('\n');
    assert.deepEqual(
      typeImports('src/sinks/x.ts', code).map((i) => i.to),
      ['src/model/index.ts', 'src/sinks/f.ts', 'pg'],
    );
  });

  test('is read from files: imports of values, of types, and lazy ones', async () => {
    const root = temporaryFolder();
    const files = {
      'src/a/one.ts': "import { two } from '../b/two.ts';\nimport pg from 'pg';\nconsole.log(two, pg);",
      'src/b/two.ts': "export const two = 2;\nexport const later = () => import('../c/three.ts');",
      'src/c/three.ts': "import type { T } from '../a/one.ts';\nexport const t: T = 1;",
    };
    for (const [name, code] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), code);
    }
    const graph = await importGraph(root, ['src']);
    assert.deepEqual(Object.fromEntries(graph), {
      'src/a/one.ts': [
        { to: 'src/b/two.ts', external: false, typeOnly: false },
        { to: 'pg', external: true, typeOnly: false },
      ],
      'src/b/two.ts': [{ to: 'src/c/three.ts', external: false, typeOnly: false }],
      'src/c/three.ts': [{ to: 'src/a/one.ts', external: false, typeOnly: true }],
    });
  });
});
