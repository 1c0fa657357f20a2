// One property for every pair of types: any values -> Arrow -> our encoder -> the real server -> SQL says what the model
// says; and a value that the model calls lossy is refused, with its row.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type pg from 'pg';
import { ParloadError } from '../../../src/errors/index.ts';
import type { ArrowField, ArrowType, LogicalType } from '../../../src/model/index.ts';
import { type Plain, slicedColumn } from '../../support/arrow-build.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { OneColumn, TypeReader } from '../../support/round-trip.ts';

export interface Pair {
  readonly name: string;
  readonly field: ArrowField;
  /** SQL type of the target column. */
  readonly target: string;
  readonly values: fc.Arbitrary<Plain>;
  /** Over the column `v`. */
  readonly sql: string;
  /** What `sql` gives; null: the value must be refused. */
  readonly expect: (value: Exclude<Plain, null>) => string | null;
}

/** Turns a pair; PARLOAD_TEST_RUNS raises it for a longer look. */
const RUNS = Number(process.env.PARLOAD_TEST_RUNS ?? 12);
const MOST_VALUES = 40;

export const fieldOf = (type: ArrowType, logical: LogicalType | null = null): ArrowField => ({
  name: 'v',
  type,
  nullable: true,
  logical,
});

async function checkRows(
  table: OneColumn,
  pair: Pair,
  before: readonly Plain[],
  values: readonly Plain[],
): Promise<void> {
  const column = slicedColumn(pair.field, before, values);
  const expected = values.map((v) => (v === null ? null : pair.expect(v)));
  const lossy = values.findIndex((v, i) => v !== null && expected[i] === null);
  if (lossy < 0) {
    assert.deepEqual(await table.through(table.encode(pair.field, column), pair.sql), expected);
    return;
  }
  assert.throws(
    () => table.encode(pair.field, column),
    (error) => ParloadError.is(error) && error.code === 'VALUE_REFUSED' && error.where.row === lossy,
    `row ${lossy} must be refused`,
  );
  // and without what was refused
  const kept = values.filter((_, i) => values[i] === null || expected[i] !== null);
  await checkRows(table, pair, before, kept);
}

export function checkPairs(
  title: string,
  postgres: TestPostgres,
  pairs: readonly Pair[],
  setup: readonly string[] = [],
): void {
  let opening: Promise<{ client: pg.Client; types: TypeReader }> | null = null;
  const open = async (): Promise<{ client: pg.Client; types: TypeReader }> => {
    const db = await postgres.freshDatabase();
    const client = await db.connect();
    for (const statement of setup) await client.query(statement);
    return { client, types: await TypeReader.open(db) };
  };
  describe(title, () => {
    after(async () => (await opening)?.types.close());
    pairs.forEach((pair, i) => {
      test(`${pair.name} into ${pair.target}`, async () => {
        opening ??= open();
        const { client, types } = await opening;
        const table = await OneColumn.create(client, types, `t${i}`, pair.target);
        const rows = fc.array(fc.option(pair.values, { freq: 5, nil: null }), { maxLength: MOST_VALUES });
        const before = fc.array(fc.option(pair.values, { nil: null }), { maxLength: 3 });
        await fc.assert(
          fc.asyncProperty(before, rows, (a, b) => checkRows(table, pair, a, b)),
          { numRuns: RUNS },
        );
      });
    });
  });
}
