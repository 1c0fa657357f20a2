import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultPgType } from '../../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowField, ArrowType } from '../../../src/model/index.ts';
import type { TableColumn, TableFacts } from '../../../src/sinks/postgres/catalog.ts';
import { evolve } from '../../../src/sinks/postgres/evolve.ts';

const field = (name: string, type: ArrowType): ArrowField => ({ name, type, nullable: true, logical: null });
const INT = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const DEC = (precision: number, scale: number): ArrowType => ({ id: 'decimal', bits: 128, precision, scale });
const TEXT: ArrowType = { id: 'utf8', large: false };

const column = (name: string, type: ArrowType, more: Partial<TableColumn> = {}): TableColumn => ({
  name,
  type: defaultPgType(field(name, type)),
  notNull: false,
  hasDefault: false,
  generated: 'no',
  insertable: true,
  ...more,
});

const table = (...columns: readonly TableColumn[]): TableFacts => ({
  oid: '1',
  schema: 'public',
  name: 't',
  columns,
  selectable: true,
  unlogged: false,
  notes: [],
});

const ddl = (fields: readonly ArrowField[], ...columns: readonly TableColumn[]): string =>
  evolve({ fields }, table(...columns)).ddl.join('; ');

describe('what --schema evolve does to a table', () => {
  test('nothing where the rows fit, or would need less', () => {
    assert.equal(ddl([field('a', INT(32))], column('a', INT(64))), '');
    assert.equal(ddl([field('a', DEC(10, 2))], column('a', DEC(20, 4))), '');
    assert.equal(ddl([field('a', INT(32))], column('a', TEXT)), '');
    assert.equal(ddl([], column('a', TEXT)), '');
  });

  test('one statement for all of it', () => {
    assert.equal(
      ddl(
        [field('a', INT(64)), field('b', TEXT), field('c', DEC(12, 4))],
        column('a', INT(16)),
        column('c', DEC(10, 2)),
      ),
      'ALTER TABLE "public"."t"\n  ADD COLUMN "b" text,\n  ALTER COLUMN "a" TYPE bigint,\n  ALTER COLUMN "c" TYPE numeric(12,4)',
    );
  });

  test('digits before and after the point are kept, each', () => {
    assert.match(ddl([field('a', DEC(5, 4))], column('a', DEC(8, 1))), /numeric\(11,4\)/);
    assert.match(ddl([field('a', DEC(30, 0))], column('a', DEC(8, 2))), /numeric\(32,2\)/);
    // negative scales round, so nothing is built on them
    const negative = column('a', DEC(8, 0));
    const rounding = { ...negative, type: { ...negative.type, typmod: ((5 << 16) | (-2 & 0x7ff)) + 4 } };
    assert.equal(ddl([field('a', DEC(30, 0))], rounding), '');
  });

  test('generated columns and domains are left alone', () => {
    assert.equal(ddl([field('a', INT(64))], column('a', INT(32), { generated: 'stored' })), '');
    assert.equal(ddl([field('a', INT(64))], column('a', INT(32), { isDomain: true })), '');
  });

  test('the table as it will be has the new types', () => {
    const { table: after, notes } = evolve(
      { fields: [field('a', INT(64)), field('b', TEXT)] },
      table(column('a', INT(32)), column('z', TEXT)),
    );
    assert.deepEqual(
      after.columns.map((c) => [c.name, c.type.display]),
      [
        ['a', 'bigint'],
        ['z', 'text'],
        ['b', 'text'],
      ],
    );
    assert.match(notes.join(), /adds "b" text.*widens "a" from integer to bigint.*anew/s);
  });
});
