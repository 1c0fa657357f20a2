// Planning of the shared data's odd shapes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import type { PlanHints } from '../../../src/model/index.ts';
import { MiB } from '../../../src/runtime/index.ts';
import { source } from '../../../src/sources/parquet/index.ts';
import { sharedOrSkip } from '../../support/shared.ts';

const shared = await source.share();
const optionsSchema = await source.options();

const HINTS: PlanHints = { slice: { kind: 'auto' }, workers: 2, bytesPerWorker: 64 * MiB, committed: {} };

const planner = (...paths: string[]) => source.planner(optionsSchema.parse({ paths }), shared);

describe('shapes of the shared data', () => {
  it('hive folders become columns', async (t) => {
    const folder = sharedOrSkip(t, 'data', 'shapes', 'hive');
    if (folder === null) return;
    const p = await planner(folder);
    const { schema, inputs } = await p.inspect();
    const types = schema.fields.slice(-3).map((f) => {
      assert.equal(f.type.id, 'dictionary');
      return [f.name, f.type.id === 'dictionary' ? f.type.value.id : '', f.nullable];
    });
    assert.deepEqual(types, [
      ['year', 'int', false],
      ['month', 'int', false],
      ['country', 'utf8', true],
    ]);
    const plan = await p.plan({ columns: null, pruner: null }, HINTS);
    const planned = plan.slices.reduce((sum, slice) => sum + slice.rowCount, 0);
    assert.equal(
      planned,
      inputs.reduce((sum, input) => sum + input.rowCount, 0),
    );
  });

  it('empty files give no slices', async (t) => {
    for (const name of ['empty.parquet', 'empty_zero_row_groups.parquet']) {
      const file = sharedOrSkip(t, 'data', 'shapes', name);
      if (file === null) return;
      const p = await planner(file);
      await p.inspect();
      assert.deepEqual((await p.plan({ columns: null, pruner: null }, HINTS)).slices, [], name);
    }
  });

  const drift: readonly (readonly [string, RegExp])[] = [
    ['c_missing_col', /lacks the column/],
    ['d_extra_col', /has the column/],
    ['f_narrowed_int', /is int/],
    ['g_type_changed_str', /string/],
    ['h_case_renamed', /lacks the column/],
    ['l_int_to_double', /double/],
    ['m_dup_colname', /more than one column/],
  ];
  for (const [name, message] of drift) {
    it(`schema drift is refused by name: ${name}`, async (t) => {
      const base = sharedOrSkip(t, 'data', 'shapes', 'schema_drift', 'a_base.parquet');
      const other = sharedOrSkip(t, 'data', 'shapes', 'schema_drift', `${name}.parquet`);
      if (base === null || other === null) return;
      const p = await planner(base, other);
      await assert.rejects(p.inspect(), (error) => {
        assert.ok(ParloadError.is(error), String(error));
        assert.equal(error.code, 'SCHEMA_MISMATCH');
        assert.match(error.message, message);
        assert.ok(error.where.column !== undefined);
        return true;
      });
    });
  }

  it('columns in another order are the same columns', async (t) => {
    const base = sharedOrSkip(t, 'data', 'shapes', 'schema_drift', 'a_base.parquet');
    const other = sharedOrSkip(t, 'data', 'shapes', 'schema_drift', 'b_reordered.parquet');
    if (base === null || other === null) return;
    const one = (await (await planner(base)).inspect()).schema;
    const both = (await (await planner(base, other)).inspect()).schema;
    assert.deepEqual(
      both.fields.map((f) => f.name),
      one.fields.map((f) => f.name),
    );
  });
});
