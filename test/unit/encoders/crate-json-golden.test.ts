// Rows for CrateDB against Python's json of pyarrow's values (scripts/golden/crate-json.py), value by value.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CrateJsonEncoder, defaultCrateType } from '../../../src/encoders/crate-json/index.ts';
import { ParloadError } from '../../../src/errors/index.ts';
import { EXACT_POLICIES, type ValuePolicies } from '../../../src/model/index.ts';
import { canonical, type ExactJson, parseExact } from '../../support/exact-json.ts';
import { readBatches } from '../../support/read-batches.ts';
import { ROOT } from '../../support/root.ts';
import { sharedOrSkip } from '../../support/shared.ts';

interface GoldenColumn {
  /** Under LENIENT; absent: refused whatever the policies. */
  readonly digest?: string;
  readonly refused?: string;
}

const { files } = JSON.parse(readFileSync(join(ROOT, 'test', 'golden', 'crate-json.json'), 'utf8')) as {
  files: Record<string, Record<string, GoldenColumn>>;
};

const LENIENT: ValuePolicies = { ...EXACT_POLICIES, timestampNs: 'truncate', nonFinite: 'null' };

/** The values of one column as they stand in the rows. */
async function digestOf(path: string, column: string, policies: ValuePolicies): Promise<string> {
  const hash = createHash('sha256');
  let encoder: CrateJsonEncoder | null = null;
  for await (const batch of readBatches(path, { columns: [column] })) {
    const { schema } = batch;
    const columns = schema.fields.map((f) => ({ name: f.name, type: defaultCrateType(f) }));
    encoder ??= new CrateJsonEncoder(schema, columns, { policies, keyed: false });
    for (let from = 0; from < batch.length; ) {
      // a space just large enough shows whether the bound of bytes holds
      const out = new Uint8Array(Math.max(encoder.rowBytes(batch, from), 4096));
      const { rows, end } = encoder.encode(batch, from, out, 0);
      assert.ok(rows > 0 && end <= out.length, `${column}: ${rows} rows, ${end} of ${out.length} bytes`);
      const text = Buffer.from(out.subarray(0, end - 1)).toString();
      for (const row of parseExact(`[${text}]`) as ExactJson[]) {
        hash.update(`${canonical((row as ExactJson[])[0]!)}\n`);
      }
      from += rows;
    }
  }
  return hash.digest('hex');
}

const codeOf = async (work: Promise<unknown>, column: string): Promise<string | null> => {
  try {
    await work;
    return null;
  } catch (error) {
    if (!ParloadError.is(error)) throw error;
    assert.equal(error.where.column, column, error.message);
    if (error.code === 'VALUE_REFUSED') assert.equal(typeof error.where.row, 'number');
    return error.code;
  }
};

for (const [name, columns] of Object.entries(files)) {
  test(`${name}: rows of bulk_args as Python's json has them, or refused by name`, async (t) => {
    const path = sharedOrSkip(t, 'data', 'edge', ...name.split('/'));
    if (path === null) return;
    for (const [column, golden] of Object.entries(columns)) {
      const strict = await codeOf(digestOf(path, column, EXACT_POLICIES), column);
      assert.equal(strict, golden.refused ?? null, column);
      if (golden.digest !== undefined)
        assert.equal(await digestOf(path, column, LENIENT), golden.digest, column);
    }
  });
}
