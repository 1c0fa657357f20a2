import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import type {
  ArrowBatch,
  ArrowSchema,
  Care,
  SinkSession,
  Slice,
  Source,
  ValueChange,
} from '../../../src/model/index.ts';
import { ProgressMeter } from '../../../src/slice-runner/progress.ts';
import { runSlice } from '../../../src/slice-runner/run-slice.ts';

const schema: ArrowSchema = { fields: [] };
const slice: Slice = {
  id: 'in:0+30',
  inputId: 'in',
  inputUri: 'file.parquet',
  rowStart: 0,
  rowCount: 30,
  estBytes: 30,
  detail: null,
};

const batch = (length: number): ArrowBatch => ({ schema, columns: [], length, selection: null, rowStart: 0 });

interface Case {
  readonly batches?: readonly number[];
  readonly begin?: boolean;
  readonly failAt?: 'begin' | 'read' | 'write' | 'commit';
  readonly commits?: number;
  readonly changes?: readonly ValueChange[];
  readonly level?: () => 0 | 1 | 2;
  readonly transform?: (batch: ArrowBatch) => ArrowBatch;
}

async function run(options: Case) {
  const calls: string[] = [];
  let written = 0;
  const fail = (at: Case['failAt']): void => {
    if (options.failAt === at) throw new ParloadError('SINK_LOST', `lost in ${at}`);
  };
  const source = {
    open: () => ({
      async *[Symbol.asyncIterator]() {
        for (const length of options.batches ?? [10, 10, 10]) {
          fail('read');
          yield batch(length);
        }
      },
      close: async () => {
        calls.push('reader.close');
      },
    }),
  } as unknown as Source;
  const session: SinkSession = {
    begin: async () => {
      calls.push('begin');
      fail('begin');
      return options.begin ?? true;
    },
    write: async (b) => {
      fail('write');
      const rows = b.selection?.length ?? b.length;
      written += rows;
      calls.push(`write ${rows}`);
      return rows * 4;
    },
    commit: async (counts) => {
      calls.push(`commit ${counts.rowsRead} ${counts.rowsFiltered}`);
      fail('commit');
      return options.commits ?? written;
    },
    ...(options.changes === undefined ? {} : { changes: () => options.changes! }),
    rollback: async () => {
      calls.push('rollback');
    },
    close: async () => undefined,
  };
  const result = await runSlice({
    source,
    session,
    slice,
    attempt: 1,
    stop: { level: options.level ?? (() => 0) },
    transform: options.transform ?? ((b) => b),
    onProgress: () => undefined,
  });
  return { result, calls };
}

describe('slice runner', () => {
  test('begin, write, close the reader, commit', async () => {
    const { result, calls } = await run({});
    assert.deepEqual(calls, ['begin', 'write 10', 'write 10', 'write 10', 'reader.close', 'commit 30 0']);
    assert.ok(result.ok);
    const { elapsedMs: _, ...receipt } = result.receipt;
    assert.deepEqual(receipt, {
      sliceId: slice.id,
      inputId: 'in',
      rowsRead: 30,
      rowsFiltered: 0,
      bytesSent: 120,
      rowsLoaded: 30,
      rowsRejected: 0,
      changes: [],
      attempt: 1,
      alreadyCommitted: false,
    });
  });

  test('what policies changed is in the receipt, but not of a slice that was committed before', async () => {
    const changes: ValueChange[] = [{ column: 'a', policy: 'overflow', action: 'null', values: 3 }];
    const fresh = await run({ changes });
    assert.ok(fresh.result.ok);
    assert.deepEqual(fresh.result.receipt.changes, changes);
    const before = await run({ changes, begin: false });
    assert.ok(before.result.ok && before.result.receipt.alreadyCommitted);
    assert.deepEqual(before.result.receipt.changes, []);
  });

  test('filtered rows are counted; a batch without rows is not written', async () => {
    let n = 0;
    const transform = (b: ArrowBatch): ArrowBatch => ({
      ...b,
      selection: n++ === 0 ? new Int32Array(0) : Int32Array.of(1, 3, 5),
    });
    const { result, calls } = await run({ transform });
    assert.deepEqual(calls, ['begin', 'write 3', 'write 3', 'reader.close', 'commit 30 24']);
    assert.ok(result.ok && result.receipt.rowsFiltered === 24 && result.receipt.rowsLoaded === 6);
  });

  test('what the ledger has is neither read nor committed', async () => {
    const { result, calls } = await run({ begin: false });
    assert.deepEqual(calls, ['begin']);
    assert.ok(result.ok && result.receipt.alreadyCommitted && result.receipt.rowsLoaded === 0);
  });

  for (const failAt of ['begin', 'read', 'write', 'commit'] as const) {
    test(`a failure in ${failAt} is rolled back and returned with its place`, async () => {
      const { result, calls } = await run({ failAt });
      assert.equal(calls.at(-1), 'rollback');
      assert.ok(!result.ok);
      assert.equal(result.error.code, 'SINK_LOST');
      assert.deepEqual(result.error.where, { input: 'file.parquet', slice: slice.id });
      assert.equal(calls.includes('reader.close'), failAt !== 'begin');
    });
  }

  for (const batches of [
    [10, 10],
    [10, 10, 10, 10],
  ]) {
    test(`${batches.length * 10} rows where 30 were planned: SOURCE_CHANGED before the commit`, async () => {
      const { result, calls } = await run({ batches });
      assert.ok(!result.ok && result.error.code === 'SOURCE_CHANGED');
      assert.ok(!calls.some((c) => c.startsWith('commit')));
    });
  }

  test('a target that counts other rows', async () => {
    const { result } = await run({ commits: 29 });
    assert.ok(!result.ok && result.error.code === 'COUNT_DIFFERS');
  });

  test('level 1 finishes the slice, level 2 ends it between batches', async () => {
    assert.ok((await run({ level: () => 1 })).result.ok);
    let asked = 0;
    const { result, calls } = await run({ level: () => (asked++ < 1 ? 0 : 2) });
    assert.ok(!result.ok && result.error.code === 'INTERRUPTED');
    assert.deepEqual(calls, ['begin', 'write 10', 'reader.close', 'rollback']);
  });

  test('what is not a typed error is a bug, and still a value', async () => {
    const { result } = await run({
      transform: () => {
        throw new TypeError('x is not a function');
      },
    });
    assert.ok(!result.ok && result.error.code === 'UNEXPECTED');
    assert.match(result.error.message, /TypeError: x is not a function/);
  });
});

describe('progress meter', () => {
  test('at most one report in 100 ms, and nothing is lost', () => {
    let now = 0;
    const reports: [number, number][] = [];
    const meter = new ProgressMeter(
      (rows, bytes) => reports.push([rows, bytes]),
      () => now,
    );
    for (now = 10; now <= 250; now += 10) meter.add(1, 2);
    meter.flush();
    meter.flush();
    assert.deepEqual(reports, [
      [10, 20],
      [10, 20],
      [5, 10],
    ]);
  });
});

describe('rows that may be left out', () => {
  /** Refuses until it is begun with `until`; then it rejects 2 rows. */
  async function careful(until: Care | 'never', code: 'SINK_REJECTED' | 'SINK_LOST', skipsRows = true) {
    const cares: Care[] = [];
    const session: SinkSession = {
      begin: async (_slice, _attempt, care = 'none') => {
        cares.push(care);
        return true;
      },
      write: async () => 0,
      commit: async () => {
        if (cares.at(-1) !== until) throw new ParloadError(code, 'no');
        return 28;
      },
      rejects: () => [1, 2].map((row) => ({ row, column: null, code, reason: '' })),
      rollback: async () => undefined,
      close: async () => undefined,
    };
    const source = {
      open: () => ({
        async *[Symbol.asyncIterator]() {
          yield batch(30);
        },
        close: async () => undefined,
      }),
    } as unknown as Source;
    const parts = { source, session, slice, attempt: 1, skipsRows, stop: { level: () => 0 as const } };
    const result = await runSlice({ ...parts, transform: (b) => b, onProgress: () => undefined });
    return { result, cares };
  }

  test('a refused slice goes again with care, and once more when COMMIT refuses it', async () => {
    const once = await careful('rows', 'SINK_REJECTED');
    assert.deepEqual(once.cares, ['none', 'rows']);
    assert.ok(once.result.ok);
    assert.equal(once.result.receipt.rowsRejected, 2);
    assert.equal(once.result.receipt.rowsLoaded, 28);
    assert.deepEqual((await careful('constraints', 'SINK_REJECTED')).cares, ['none', 'rows', 'constraints']);
    const never = await careful('never', 'SINK_REJECTED');
    assert.deepEqual(never.cares, ['none', 'rows', 'constraints']);
    assert.equal(never.result.ok, false);
  });

  test('a lost connection is no row’s fault, and without leave nothing is left out', async () => {
    assert.deepEqual((await careful('rows', 'SINK_LOST')).cares, ['none']);
    assert.deepEqual((await careful('rows', 'SINK_REJECTED', false)).cares, ['none']);
  });
});
