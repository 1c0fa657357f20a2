// One column under a policy, through the sink into a real table: what arrives, what is counted, what is refused without it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ParloadError } from '../../src/errors/index.ts';
import {
  type ArrowColumn,
  type ArrowField,
  type ArrowType,
  EXACT_POLICIES,
  type PolicyName,
  type ValueChange,
  type ValuePolicies,
} from '../../src/model/index.ts';
import { sink } from '../../src/sinks/postgres/index.ts';
import { Rig, requestOf, sliceOf } from '../conformance/sink-suite.ts';
import { batchOf, bigIntBytes, bytesColumn, field, fixedColumn, listColumn } from './columns.ts';
import { type TestDatabase, type TestPostgres, withPostgres } from './postgres.ts';

export interface Loaded {
  /** Of each row, as the server writes it. */
  readonly texts: readonly (string | null)[];
  /** `overflow null 2` */
  readonly changes: readonly string[];
}

export interface PolicyCase {
  readonly name: string;
  readonly column: ArrowColumn;
  readonly into: string;
  readonly policies: Partial<ValuePolicies>;
  readonly texts: readonly (string | null)[];
  readonly changes: readonly string[];
  /** Without the policy: this row is refused, and the hint names the flag. Null: nothing is. */
  readonly refused: { readonly row: number; readonly policy: PolicyName } | null;
}

const FLAGS: Readonly<Record<PolicyName, string>> = {
  nullByte: '--null-byte',
  timestampNs: '--timestamp-ns',
  invalidUtf8: '--invalid-utf8',
  nonFinite: '--non-finite',
  overflow: '--overflow',
};

/** How to have a value refused that the case's policies let pass. */
const STRICT: Partial<ValuePolicies> = { nonFinite: 'error' };

export interface PolicyTable {
  readonly postgres: TestPostgres;
  /** Every `step`-th row only, as a filter leaves them; default 1: all. */
  load(column: ArrowColumn, into: string, change: Partial<ValuePolicies>, step?: number): Promise<Loaded>;
  /** Makes a test of it. */
  check(one: PolicyCase): void;
}

/** At the top of a test file: a server, a database, a table a load. */
export function policyTable(): PolicyTable {
  const postgres = withPostgres();
  let db: TestDatabase;
  let tables = 0;
  before(async () => {
    db = await postgres.freshDatabase();
    await db.query('create type pair as (a text, b integer)');
  });

  async function load(
    column: ArrowColumn,
    into: string,
    change: Partial<ValuePolicies>,
    step = 1,
  ): Promise<Loaded> {
    const table = `t${++tables}`;
    await db.query(`create table ${table} (id integer, c ${into})`);
    const all = Array.from({ length: column.length }, (_, i) => i);
    const ids = fixedColumn(
      { id: 'int', bits: 32, signed: true },
      Int32Array.from(all),
      all.map(() => true),
    );
    const kept = all.filter((i) => i % step === 0);
    const selection = step === 1 ? null : Int32Array.from(kept);
    const batch = batchOf({ id: ids, c: column }, selection, 5000);
    const request = requestOf({ schema: batch.schema, policies: { ...EXACT_POLICIES, ...change } });
    const harness = { options: { url: db.url, table }, ids: null, fingerprint: null };
    const rig = await Rig.start(sink, harness, 64 * 1024, request);
    try {
      const session = await rig.session();
      await rig.load(session, sliceOf(5000, kept.length), [batch]);
      const rows = await db.query(`select c::text as c from ${table} order by id`);
      const summary = (changes: readonly ValueChange[]): string[] =>
        changes.map((c) => `${c.policy} ${c.action} ${c.values}`);
      const changes = session.changes?.() ?? [];
      // the ledger says the same
      const [slice] = await db.query(
        'select changes from parload.slice join parload.job using (job_id) where target = $1',
        [`public.${table}`],
      );
      assert.deepEqual(summary((slice?.changes ?? []) as ValueChange[]), summary(changes));
      assert.ok(changes.every((c) => c.column === 'c'));
      return { texts: rows.map((r) => r.c as string | null), changes: summary(changes) };
    } finally {
      await rig.close();
    }
  }

  function check({ name, column, into, policies, texts, changes, refused }: PolicyCase): void {
    test(`${name} into ${into}: ${JSON.stringify(policies)}`, async () => {
      const loaded = await load(column, into, policies);
      assert.deepEqual(loaded.texts, texts);
      assert.deepEqual(loaded.changes, changes);
      if (refused === null) return;
      await assert.rejects(load(column, into, STRICT), (error) => {
        assert.ok(ParloadError.is(error), String(error));
        assert.equal(error.code, 'VALUE_REFUSED');
        assert.equal(error.where.column, 'c');
        assert.equal(error.where.row, 5000 + refused.row);
        assert.ok(error.hint.includes(FLAGS[refused.policy]), error.hint);
        return true;
      });
      assert.deepEqual(await db.query(`select 1 from t${tables}`), [], 'nothing is half-loaded');
    });
  }

  return { postgres, load, check };
}

export const latin1 = (text: string | null): Uint8Array | null =>
  text === null ? null : new Uint8Array(Buffer.from(text, 'latin1'));
export const UTF8: ArrowType = { id: 'utf8', large: false };
export const texts = (...values: readonly (string | null)[]): ArrowColumn =>
  bytesColumn(UTF8, values.map(latin1));
export const longs = (type: ArrowType, ...values: readonly (bigint | null)[]): ArrowColumn =>
  fixedColumn(
    type,
    bigIntBytes(values, 64),
    values.map((v) => v !== null),
  );
export const ints = (...values: readonly (bigint | null)[]): ArrowColumn =>
  longs({ id: 'int', bits: 64, signed: true }, ...values);
export const doubles = (...values: readonly (number | null)[]): ArrowColumn =>
  fixedColumn(
    { id: 'float', bits: 64 },
    Float64Array.from(values, (v) => v ?? 0),
    values.map((v) => v !== null),
  );
export const singles = (...values: readonly number[]): ArrowColumn =>
  fixedColumn(
    { id: 'float', bits: 32 },
    Float32Array.from(values),
    values.map(() => true),
  );
export const halves = (...bits: readonly number[]): ArrowColumn =>
  fixedColumn(
    { id: 'float', bits: 16 },
    Uint16Array.from(bits),
    bits.map(() => true),
  );
export const struct = (fields: Record<string, ArrowColumn>): ArrowColumn => {
  const parts = Object.entries(fields).map(([name, c]): ArrowField => field(name, c.type));
  return {
    type: { id: 'struct', fields: parts },
    length: Object.values(fields)[0]!.length,
    offset: 0,
    nullCount: 0,
    validity: null,
    offsets: null,
    data: null,
    children: Object.values(fields),
    dictionary: null,
  };
};
export const lists = (lengths: readonly (number | null)[], child: ArrowColumn): ArrowColumn =>
  listColumn(field('item', child.type), lengths, child);

export const ns = (
  kind: 'timestamp' | 'time' | 'duration',
  ...values: readonly (bigint | null)[]
): ArrowColumn =>
  longs(
    kind === 'timestamp' ? { id: kind, unit: 'ns', timezone: null } : { id: kind, unit: 'ns' },
    ...values,
  );
