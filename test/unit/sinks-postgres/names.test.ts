import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { createTableSql } from '../../../src/sinks/postgres/ddl.ts';
import {
  parseTableName,
  quoteIdent,
  quoteLiteral,
  quoteTable,
  showTable,
} from '../../../src/sinks/postgres/identifiers.ts';
import { checkNames } from '../../../src/sinks/postgres/mapping.ts';
import { RowLines } from '../../../src/sinks/postgres/row-lines.ts';
import { numberedBatch, testField } from '../../conformance/batches.ts';

test('table names', () => {
  assert.deepEqual(parseTableName('t'), { schema: null, name: 't' });
  assert.deepEqual(parseTableName('My.Table 1'), { schema: 'My', name: 'Table 1' });
  assert.deepEqual(parseTableName('"a.b"."c""d"'), { schema: 'a.b', name: 'c"d' });
  assert.equal(quoteTable(parseTableName('s.T')), '"s"."T"');
  assert.equal(showTable({ schema: 'a.b', name: 't' }), '"a.b".t');
  for (const bad of [
    '',
    '.',
    'a.',
    '.b',
    'a.b.c',
    '"a',
    'a"b',
    '""',
    `s.${'x'.repeat(64)}`,
    'é'.repeat(32),
  ]) {
    assert.throws(
      () => parseTableName(bad),
      (e) => ParloadError.is(e) && e.code === 'CONFIG_INVALID',
      bad,
    );
  }
});

test('quoting', () => {
  assert.equal(quoteIdent('a"b'), '"a""b"');
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\'b"), " E'a\\\\''b'");
});

test('DDL keeps names, sets no NOT NULL, refuses what Postgres would cut', () => {
  const fields = [testField('Id', 'int64'), { ...testField('a "b"', 'utf8'), nullable: false }];
  assert.equal(
    createTableSql({ schema: 's', name: 't' }, { fields }),
    'CREATE TABLE "s"."t" (\n  "Id" bigint,\n  "a ""b""" text\n)',
  );
  const long = 'n'.repeat(64);
  assert.throws(
    () => createTableSql({ schema: null, name: 't' }, { fields: [testField(long, 'bool')] }),
    (e) => ParloadError.is(e) && e.message.includes(long) && e.hint.includes('--rename'),
  );
  const many = Array.from({ length: 1601 }, (_, i) => testField(`c${i}`, 'bool'));
  assert.throws(() => createTableSql({ schema: null, name: 't' }, { fields: many }), /1601 columns/);
});

test('names that no table can have', () => {
  const named = (...names: string[]) => ({ fields: names.map((n) => testField(n, 'bool')) });
  assert.doesNotThrow(() => checkNames(named('a', 'A')));
  assert.throws(() => checkNames(named('a', 'b', 'a')), /more than one column named "a"/);
  assert.throws(() => checkNames(named('a', '')), /without a name/);
  assert.throws(() => checkNames(named('a\0')), /zero byte/);
  assert.throws(() => checkNames(named()), /no column/);
});

test('lines of a COPY back to rows of the input', () => {
  const lines = new RowLines();
  lines.add(numberedBatch(100, 10));
  lines.add(numberedBatch(110, 10, [1, 5]));
  lines.add(numberedBatch(500, 1));
  assert.equal(lines.count, 13);
  assert.deepEqual(
    [1, 10, 11, 12, 13, 14, 0].map((l) => lines.rowOf(l)),
    [100, 109, 111, 115, 500, undefined, undefined],
  );
  for (let i = 0; i < 300; i++) lines.add(numberedBatch(1000 + i, 1));
  assert.equal(lines.rowOf(1), undefined);
  assert.equal(lines.rowOf(313), 1299);
});
