// Lists, structs and maps of anything, within one another: into what a new table gets, and into given types.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { defaultPgType } from '../../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowField, ArrowType } from '../../../src/model/index.ts';
import { type Plain, slicedColumn } from '../../support/arrow-build.ts';
import { type JsonTree, jsonbText } from '../../support/jsonb-text.ts';
import { withPostgres } from '../../support/postgres.ts';
import { OneColumn, TypeReader } from '../../support/round-trip.ts';
import { checkPairs, type Pair } from './pair.ts';
import { fields, jsonTree, part, valuesOf } from './trees.ts';

const postgres = withPostgres();
const RUNS = Number(process.env.PARLOAD_TEST_RUNS ?? 12) * 5;

describe('any nested type', () => {
  test('into the type of a new table, and into json', async (t) => {
    const db = await postgres.freshDatabase();
    const client = await db.connect();
    const types = await TypeReader.open(db);
    t.after(() => types.close());
    let tables = 0;
    const withValues = fields.chain((field) =>
      fc.record({
        field: fc.constant(field),
        before: fc.array(fc.option(valuesOf(field), { nil: null }), { maxLength: 2 }),
        values: fc.array(fc.option(valuesOf(field), { nil: null }), { maxLength: 12 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(withValues, async ({ field, before, values }) => {
        const column = slicedColumn(field, before, values);
        const expected = values.map((v) => (v === null ? null : jsonbText(jsonTree(field, v))));
        for (const type of new Set([defaultPgType(field).display, 'jsonb', 'json'])) {
          // text that is no JSON, and bytes, have no place there
          if (type.startsWith('json') && !isNested(field.type)) continue;
          const table = await OneColumn.create(client, types, `t${tables++}`, type);
          const rows = table.encode(field, column);
          assert.deepEqual(await table.through(rows, 'to_jsonb(v)::jsonb'), expected, type);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

const isNested = ({ id }: ArrowType): boolean => ['list', 'fixedList', 'struct', 'map'].includes(id);

const int = part('item', { id: 'int', bits: 32, signed: true });
const list = (item: ArrowField): ArrowType => ({ id: 'list', large: false, item });
const matrix = list(part('item', list(int)));
const cube = list(part('item', list(part('item', { id: 'fixedList', size: 2, item: int }))));

/** Lengths of the lists of a level when they agree, none is NULL, and only the outermost may be empty. */
function isRectangular(value: Plain, levels: number): boolean {
  if (levels === 1 || (value as Plain[]).length === 0) return true;
  const inner = value as (readonly Plain[] | null)[];
  const length = inner[0]?.length ?? 0;
  return (
    inner.every((row) => row !== null && row.length === length && length > 0) &&
    isRectangular(
      inner.flatMap((row) => row ?? []),
      levels - 1,
    )
  );
}

/** Often rectangular, sometimes not. */
const matrices = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.nat(3))
    .chain(([rows, columns]) =>
      fc.array(
        fc.array(fc.option(fc.bigInt(-9n, 9n), { nil: null }), { minLength: columns, maxLength: columns }),
        { minLength: rows, maxLength: rows },
      ),
    ),
  valuesOf(part('v', matrix)),
);
const cubes = fc.oneof(
  fc
    .tuple(fc.nat(2), fc.integer({ min: 1, max: 2 }))
    .chain(([a, b]) =>
      fc.array(
        fc.array(fc.array(fc.bigInt(0n, 9n), { minLength: 2, maxLength: 2 }), { minLength: b, maxLength: b }),
        { minLength: a, maxLength: a },
      ),
    ),
  valuesOf(part('v', cube)),
);

/** The empty array has no dimensions left. */
const arrayText = (field: ArrowField, value: Plain): string => jsonbText(jsonTree(field, value));

const person = part('v', {
  id: 'struct',
  fields: [
    part('name', { id: 'utf8', large: false }),
    part('age', { id: 'int', bits: 64, signed: true }),
    part('scores', list(part('item', { id: 'decimal', bits: 128, precision: 9, scale: 2 }))),
    part('place', { id: 'struct', fields: [part('x', { id: 'float', bits: 64 }), part('y', int.type)] }),
  ],
});

/** `height` is in the type only. */
const personTree = (value: Plain): JsonTree => {
  const tree = new Map(jsonTree(person, value) as ReadonlyMap<string, JsonTree>);
  return tree.set('height', null);
};
const fits = (value: Plain): boolean => {
  const age = (value as Plain[])[1];
  return age === null || ((age as bigint) >= -(2n ** 31n) && (age as bigint) < 2n ** 31n);
};
const small: fc.Arbitrary<Plain> = valuesOf(person).map((v) => {
  const [name, age, scores, place] = v as Plain[];
  const cut = (d: Plain): Plain => (d === null ? null : (d as bigint) % 10n ** 9n);
  const year =
    age === null || fc.sample(fc.boolean(), { numRuns: 1, seed: Number((age as bigint) % 1000n) })[0]
      ? age
      : (age as bigint) % 2n ** 31n;
  return [name!, year!, scores === null ? null : (scores as Plain[]).map(cut), place!];
});

const texts = part('v', {
  id: 'map',
  key: { ...part('key', { id: 'utf8', large: false }), nullable: false },
  value: part('value', { id: 'utf8', large: false }),
});
const keysOf = (value: Plain): string[] => (value as [string, Plain][]).map(([key]) => key);
const isUnique = (value: Plain): boolean => new Set(keysOf(value)).size === keysOf(value).length;

const GIVEN: readonly Pair[] = [
  {
    name: 'list of lists',
    field: part('v', matrix),
    target: 'integer[][]',
    values: matrices,
    sql: 'to_jsonb(v)',
    expect: (v) => (isRectangular(v, 2) ? arrayText(part('v', matrix), v) : null),
  },
  {
    name: 'list of lists of pairs',
    field: part('v', cube),
    target: 'bigint[]',
    values: cubes,
    sql: 'to_jsonb(v)',
    expect: (v) => (isRectangular(v, 3) ? arrayText(part('v', cube), v) : null),
  },
  {
    name: 'list of lists of integers',
    field: part('v', matrix),
    target: 'text[]',
    values: matrices,
    sql: 'to_jsonb(v)',
    expect: (v) => {
      const quoted = (row: Plain): JsonTree => (row as Plain[]).map((n) => (n === null ? null : String(n)));
      return isRectangular(v, 2) ? jsonbText((v as Plain[]).map(quoted)) : null;
    },
  },
  {
    name: 'struct',
    field: person,
    target: 'person',
    values: small,
    sql: 'to_jsonb(v)',
    expect: (v) => (fits(v) ? jsonbText(personTree(v)) : null),
  },
  {
    name: 'list of structs',
    field: part('v', list(person)),
    target: 'person[]',
    values: fc.array(fc.option(small, { nil: null }), { maxLength: 4 }),
    sql: 'to_jsonb(v)',
    expect: (v) => {
      const rows = v as readonly Plain[];
      return rows.every((row) => row === null || fits(row))
        ? jsonbText(rows.map((row) => (row === null ? null : personTree(row))))
        : null;
    },
  },
  {
    name: 'map',
    field: texts,
    target: 'hstore',
    values: valuesOf(texts),
    sql: 'hstore_to_jsonb(v)',
    expect: (v) => (isUnique(v) ? jsonbText(jsonTree(texts, v)) : null),
  },
  {
    name: 'map',
    field: texts,
    target: 'pair[]',
    values: valuesOf(texts),
    sql: 'to_jsonb(v)',
    expect: (v) =>
      jsonbText(
        (v as [string, string | null][]).map(
          ([key, value]) =>
            new Map<string, JsonTree>([
              ['key', key],
              ['value', value],
            ]),
        ),
      ),
  },
  {
    name: 'struct',
    field: person,
    target: 'text',
    values: valuesOf(person),
    sql: 'v::jsonb',
    expect: (v) => jsonbText(jsonTree(person, v)),
  },
];

const SETUP = [
  'create domain years as integer check (value is distinct from 7777777)',
  'create type spot as (x float8, y int)',
  'create type person as (age years, name text, height real, place spot, scores numeric(9,2)[])',
  'create type pair as (key text, value text)',
  'create extension hstore',
];

checkPairs('given types', postgres, GIVEN, SETUP);
