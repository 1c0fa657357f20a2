// Every shape of an answer, in the middle of a load: each row once, or a clear end.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Int64 } from 'apache-arrow';
import { copy, type ParloadError } from '../../src/index.ts';
import { FATAL_SHAPES, type FatalShape, SHAPES } from '../fakes/crate/shapes.ts';
import { assertExact, withCrate } from '../support/crate.ts';
import { loadUnder, loadWith, WAYS } from '../support/crate-matrix.ts';
import type { JsonNumber } from '../support/exact-json.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { temporaryFolder } from '../support/root.ts';

const dir = temporaryFolder();
const ROWS = 6000;
const site = withCrate(ROWS);

const load = (table: string, more: Record<string, unknown> = {}) => loadWith(site, table, more);

// every shape in every way is in test/slow
SHAPES.forEach((shape, k) => {
  const way = WAYS[k % WAYS.length]!;
  test(`${shape} ${JSON.stringify(way)}: every row once`, () => loadUnder(site, `shape_${k}`, shape, way));
});

for (const [shape, code] of Object.entries(FATAL_SHAPES)) {
  test(`${shape} ends the load, and a rerun goes on`, async () => {
    const { fake } = site;
    const table = shape.replaceAll('-', '_');
    const before = fake.bulks.length;
    fake.chooser = (index) => (index - before === 3 ? (shape as FatalShape) : null);
    await assert.rejects(load(table), (error: ParloadError) => error.code === code && error.exitCode === 4);
    fake.chooser = null;
    await load(table);
    assertExact(fake, table, ROWS);
  });
}

const idOf = (value: unknown): number => Number((value as JsonNumber).text);

test('a row that the server refuses is named, the others before it stay; nothing of it is shown', async () => {
  const { fake } = site;
  fake.poison = (row) => idOf(row.get('id')) === 4321;
  await assert.rejects(load('poisoned'), (error: ParloadError) => {
    assert.equal(error.code, 'SINK_REJECTED');
    assert.equal(error.where.row, 4321);
    assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/);
    return true;
  });
  fake.poison = null;
  await load('poisoned');
  assertExact(fake, 'poisoned', ROWS);
});

test('one value that cannot be cast fails its request: found by halving', async () => {
  const { fake } = site;
  fake.engine.execute(
    'CREATE TABLE doc.narrow ("__parload_id" TEXT PRIMARY KEY, "id" BIGINT, "big" BIGINT, "value" DOUBLE PRECISION, "text" IP, "at" TIMESTAMP WITHOUT TIME ZONE)',
    [],
  );
  // an IP is parsed by the server; this one's parser dislikes one text
  fake.castTrap = (row) => idOf(row.get('id')) === 5678;
  const before = fake.bulks.length;
  await assert.rejects(load('narrow'), (error: ParloadError) => {
    assert.equal(error.code, 'SINK_REJECTED');
    assert.equal(error.where.row, 5678);
    return true;
  });
  fake.castTrap = null;
  assert.ok(fake.bulks.slice(before).some(({ rows }) => rows === 1));
  await load('narrow');
  assertExact(fake, 'narrow', ROWS);
});

test('a key that is there already: refused by row, left alone, or overwritten', async () => {
  const { fake } = site;
  await load('keyed', { key: ['id'] });
  assertExact(fake, 'keyed', ROWS);
  const again = (more: Record<string, unknown>) =>
    copy({
      source: site.file.path,
      sink: { url: fake.url('keyed'), key: ['id'], ...more },
      again: true,
      workers: 1,
    });
  await assert.rejects(again({}), (error: ParloadError) => {
    assert.equal(error.code, 'SINK_REJECTED');
    assert.match(error.message, /the key of a row is in "doc.keyed" already/);
    assert.equal(typeof error.where.row, 'number');
    return true;
  });
  await again({ onConflict: 'nothing' });
  assertExact(fake, 'keyed', ROWS);
  await again({ mode: 'upsert' });
  assertExact(fake, 'keyed', ROWS);
});

test('rows of the input that share a key are noticed', async () => {
  const { fake } = site;
  const path = join(dir, 'shared.parquet');
  writeParquetFile(path, {
    rows: 100,
    columns: [{ name: 'k', type: new Int64(), value: (row) => BigInt(row % 90) }],
  });
  const upsert = (mode: string) =>
    copy({ source: path, sink: { url: fake.url(`shared_${mode}`), mode, key: ['k'] }, workers: 1 });
  await assert.rejects(upsert('upsert'), (error: ParloadError) => {
    assert.equal(error.code, 'COUNT_DIFFERS');
    assert.match(error.hint, /share a key/);
    return true;
  });
  await assert.rejects(upsert('append'), (error: ParloadError) => {
    assert.equal(error.code, 'SINK_REJECTED');
    assert.match(error.message, /key of a row is in/);
    return true;
  });
});
