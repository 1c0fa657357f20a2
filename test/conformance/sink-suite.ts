// What every sink must hold, whatever its target. A new sink passes this with a file of about twenty lines.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ParloadError } from '../../src/errors/index.ts';
import {
  type ArrowBatch,
  EXACT_POLICIES,
  type InputInfo,
  type RowRange,
  type SessionContext,
  type SinkJob,
  type SinkModule,
  type SinkSession,
  type Slice,
  type TargetRequest,
} from '../../src/model/index.ts';
import { SharedStopFlag } from '../../src/runtime/index.ts';
import { NUMBERED, numberedBatch, testSchema } from './batches.ts';

/** One empty target of its own for one test. */
export interface SinkHarness {
  /** As a user would give them, before the module's own schema. */
  readonly options: unknown;
  /** Values of the column `id`, sorted; null when the sink keeps nothing that could be looked at. */
  readonly ids: (() => Promise<readonly number[]>) | null;
  /** Changes when anything in the target changes. */
  readonly fingerprint: (() => Promise<string>) | null;
  readonly close?: () => Promise<void>;
}

export interface SinkQuirks {
  /** Why a test does not hold for this sink, by its name. */
  readonly skip?: Readonly<Record<string, string>>;
  /** Bytes of encoded rows a session may hold; small, so that blocks fill up. Default 64 KiB. */
  readonly bufferBytes?: number;
}

const RUN = 'conformance';
const INPUT: InputInfo = {
  id: 'input-a',
  uri: '/data/a.parquet',
  sizeBytes: 1000,
  version: '1',
  rowCount: 100_000,
  partCount: 1,
};

export const requestOf = (change: Partial<TargetRequest> = {}): TargetRequest => ({
  schema: testSchema(NUMBERED),
  inputs: [INPUT],
  transformsKey: 'none',
  policies: EXACT_POLICIES,
  again: false,
  runId: RUN,
  workers: 2,
  ...change,
});

export const sliceOf = (rowStart: number, rowCount: number, input: InputInfo = INPUT): Slice => ({
  id: `${input.id}:${rowStart}+${rowCount}`,
  inputId: input.id,
  inputUri: input.uri,
  rowStart,
  rowCount,
  estBytes: rowCount * 50,
  detail: null,
});

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

/** One job with its ticket, and sessions that are closed with it. */
export class Rig {
  readonly harness: SinkHarness;
  readonly job: SinkJob;
  readonly committed: Readonly<Record<string, readonly RowRange[]>>;
  readonly stop = new SharedStopFlag();
  readonly #open: (worker: number, stop: SharedStopFlag) => Promise<SinkSession>;
  readonly #sessions: SinkSession[] = [];

  private constructor(
    parts: Pick<Rig, 'harness' | 'job' | 'committed'>,
    open: (worker: number, stop: SharedStopFlag) => Promise<SinkSession>,
  ) {
    this.harness = parts.harness;
    this.job = parts.job;
    this.committed = parts.committed;
    this.#open = open;
  }

  static async start(
    module: SinkModule,
    harness: SinkHarness,
    bufferBytes: number,
    request: TargetRequest = requestOf(),
  ): Promise<Rig> {
    const options = (await module.options()).parse(harness.options);
    const job = await module.job(options);
    const prepared = await (async () => {
      await job.describe(request);
      return job.prepare();
    })().catch(async (error: unknown) => {
      await job.close();
      throw error;
    });
    const { ticket, committed } = prepared;
    // What workers get has crossed a thread.
    const sent = structuredClone(ticket);
    const { policies } = request;
    return new Rig({ harness, job, committed }, async (worker, stop) => {
      const context: SessionContext = { worker, bufferBytes, policies, stop };
      return module.session((await module.options()).parse(structuredClone(options)), sent, context);
    });
  }

  async session(worker = 0): Promise<SinkSession> {
    const session = await this.#open(worker, this.stop);
    this.#sessions.push(session);
    return session;
  }

  /** One slice as the slice-runner does it. */
  async load(session: SinkSession, slice: Slice, batches: readonly ArrowBatch[]): Promise<number> {
    assert.equal(await session.begin(slice, 1), true);
    for (const batch of batches) await session.write(batch);
    return session.commit({ rowsRead: slice.rowCount, rowsFiltered: 0 });
  }

  async ids(): Promise<readonly number[]> {
    assert.ok(this.harness.ids !== null);
    return this.harness.ids();
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
    await this.job.close();
    await this.harness.close?.();
  }
}

export function sinkConformance(
  name: string,
  module: SinkModule,
  makeHarness: () => Promise<SinkHarness>,
  quirks: SinkQuirks = {},
): void {
  const bufferBytes = quirks.bufferBytes ?? 64 * 1024;
  const test = (title: string, body: (rig: Rig) => Promise<void>): void => {
    it(title, { skip: quirks.skip?.[title] ?? false }, async () => {
      const rig = await Rig.start(module, await makeHarness(), bufferBytes);
      try {
        await body(rig);
      } finally {
        await rig.close();
      }
    });
  };
  /** Only where something is kept that can be looked at. */
  const seen = async (rig: Rig, ids: readonly number[]): Promise<void> => {
    if (rig.harness.ids !== null) assert.deepEqual(await rig.ids(), ids);
  };

  describe(`sink ${name}`, () => {
    planning(module, makeHarness);
    roundTrips(test, seen);
    failures(test, seen, module);
    if (module.traits.replay === 'ledger') ledger(module, makeHarness, bufferBytes);
  });
}

type Test = (title: string, body: (rig: Rig) => Promise<void>) => void;
type Seen = (rig: Rig, ids: readonly number[]) => Promise<void>;

function planning(module: SinkModule, makeHarness: () => Promise<SinkHarness>): void {
  it('describe changes nothing and names every column', async () => {
    const harness = await makeHarness();
    const job = await module.job((await module.options()).parse(harness.options));
    try {
      const print = await harness.fingerprint?.();
      const plan = await job.describe(requestOf());
      assert.deepEqual(
        plan.mapping.map((m) => m.name),
        NUMBERED.map((c) => c.name),
      );
      assert.doesNotThrow(() => structuredClone(plan));
      await job.describe(requestOf());
      assert.equal(await harness.fingerprint?.(), print);
    } finally {
      await job.close();
      await harness.close?.();
    }
  });

  it('abort and close may come at any time and twice', async () => {
    const harness = await makeHarness();
    const job = await module.job((await module.options()).parse(harness.options));
    await job.abort(new Error('before anything'));
    await job.describe(requestOf());
    await job.prepare();
    await job.abort(new Error('after prepare'));
    await job.abort(new Error('again'));
    await job.close();
    await job.close();
    await harness.close?.();
  });
}

function roundTrips(test: Test, seen: Seen): void {
  test('a slice of several batches arrives once, as counted', async (rig) => {
    const session = await rig.session();
    const batches = [numberedBatch(0, 4000), numberedBatch(4000, 1), numberedBatch(4001, 999)];
    assert.equal(await rig.load(session, sliceOf(0, 5000), batches), 5000);
    await seen(rig, range(0, 5000));
  });

  test('only selected rows arrive', async (rig) => {
    const session = await rig.session();
    const slice = sliceOf(100, 10);
    await session.begin(slice, 1);
    await session.write(numberedBatch(100, 10, [0, 3, 9]));
    assert.equal(await session.commit({ rowsRead: 10, rowsFiltered: 7 }), 3);
    await seen(rig, [100, 103, 109]);
  });

  test('empty batches and empty slices', async (rig) => {
    const session = await rig.session();
    assert.equal(await rig.load(session, sliceOf(0, 0), []), 0);
    await session.begin(sliceOf(10, 5), 1);
    await session.write(numberedBatch(10, 5, []));
    await session.write(numberedBatch(15, 0));
    assert.equal(await session.commit({ rowsRead: 5, rowsFiltered: 5 }), 0);
    assert.equal(await rig.load(session, sliceOf(20, 2), [numberedBatch(20, 2)]), 2);
    await seen(rig, [20, 21]);
  });

  test('two sessions at once', async (rig) => {
    const loads = [0, 1].map(async (worker) => {
      const session = await rig.session(worker);
      for (let i = 0; i < 3; i++) {
        const start = (2 * i + worker) * 1000;
        await rig.load(session, sliceOf(start, 1000), [numberedBatch(start, 1000)]);
      }
    });
    await Promise.all(loads);
    await seen(rig, range(0, 6000));
  });

  test('finish after all slices', async (rig) => {
    const session = await rig.session();
    const slice = sliceOf(0, 50);
    const rowsLoaded = await rig.load(session, slice, [numberedBatch(0, 50)]);
    const notes = await rig.job.finish([
      {
        sliceId: slice.id,
        inputId: slice.inputId,
        rowsRead: 50,
        rowsFiltered: 0,
        rowsLoaded,
        bytesSent: 1,
        changes: [],
        elapsedMs: 1,
        attempt: 1,
        alreadyCommitted: false,
      },
    ]);
    assert.ok(Array.isArray(notes));
    await seen(rig, range(0, 50));
  });
}

function failures(test: Test, seen: Seen, module: SinkModule): void {
  test('nothing is visible before commit, and nothing after rollback', async (rig) => {
    if (module.traits.commit !== 'slice') return;
    const session = await rig.session();
    await session.begin(sliceOf(0, 9000), 1);
    await session.write(numberedBatch(0, 9000));
    await seen(rig, []);
    await session.rollback(new Error('test'));
    await seen(rig, []);
  });

  test('the same slice again after rollback', async (rig) => {
    const session = await rig.session();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await session.begin(sliceOf(0, 3000), attempt);
      await session.write(numberedBatch(0, attempt * 700));
      await session.rollback(new Error('test'));
    }
    assert.equal(await rig.load(session, sliceOf(0, 3000), [numberedBatch(0, 3000)]), 3000);
    await seen(rig, range(0, 3000));
  });

  test('rollback never throws, close may come twice', async (rig) => {
    const session = await rig.session();
    await session.rollback(new Error('nothing begun'));
    await session.begin(sliceOf(0, 10), 1);
    await session.rollback(new Error('nothing written'));
    await session.rollback(new Error('twice'));
    await session.begin(sliceOf(0, 10), 2);
    await session.write(numberedBatch(0, 10));
    await session.close();
    await session.close();
    await seen(rig, []);
  });

  test('told to stop at once, write says INTERRUPTED', async (rig) => {
    const session = await rig.session();
    await session.begin(sliceOf(0, 50_000), 1);
    rig.stop.raise(2);
    await assert.rejects(async () => {
      for (let i = 0; i < 10; i++) await session.write(numberedBatch(i * 5000, 5000));
    }, isCode('INTERRUPTED'));
    await session.rollback(new Error('test'));
    await seen(rig, []);
  });
}

const isCode = (code: string) => (error: unknown) => {
  assert.ok(ParloadError.is(error), `not a ParloadError: ${String(error)}`);
  assert.equal(error.code, code);
  return true;
};

function ledger(module: SinkModule, makeHarness: () => Promise<SinkHarness>, bufferBytes: number): void {
  let harness: SinkHarness;
  const start = (request?: TargetRequest): Promise<Rig> =>
    Rig.start(module, { ...harness, close: async () => {} }, bufferBytes, request);

  describe('ledger', () => {
    before(async () => {
      harness = await makeHarness();
    });
    after(() => harness.close?.());

    it('begin of a committed slice says so', async () => {
      const rig = await start();
      try {
        const session = await rig.session();
        await rig.load(session, sliceOf(0, 100), [numberedBatch(0, 100)]);
        assert.equal(await session.begin(sliceOf(0, 100), 2), false);
        assert.equal(await (await rig.session(1)).begin(sliceOf(0, 100), 3), false);
        assert.equal(await rig.load(session, sliceOf(100, 50), [numberedBatch(100, 50)]), 50);
        assert.deepEqual(await rig.ids(), range(0, 150));
      } finally {
        await rig.close();
      }
    });

    it('a second run of the same job is refused while the first one runs', async () => {
      const rig = await start();
      try {
        await assert.rejects(start(), isCode('LOCKED'));
      } finally {
        await rig.close();
      }
    });

    it('a later run sees what is committed, the earlier run is fenced', async () => {
      const old = await start();
      const stale = await old.session();
      await old.job.abort(new Error('the coordinator died, a worker lives on'));
      const rig = await start();
      try {
        const total = Object.values(rig.committed)
          .flat()
          .reduce((sum, r) => sum + r.end - r.start, 0);
        assert.equal(total, 150);
        await assert.rejects(stale.begin(sliceOf(500, 10), 1), isCode('FENCED'));
        await stale.rollback(new Error('fenced'));
      } finally {
        await old.close();
        await rig.close();
      }
    });

    it('other transforms are another job, --again loads a finished one again', async () => {
      const other = await start(requestOf({ transformsKey: 'other' }));
      assert.deepEqual(other.committed, {});
      await other.close();
      const rig = await start();
      await rig.job.finish([]);
      await rig.close();
      const again = await start(requestOf({ again: true }));
      try {
        assert.deepEqual(again.committed, {});
        assert.equal(await again.load(await again.session(), sliceOf(0, 100), [numberedBatch(0, 100)]), 100);
        assert.equal((await again.ids()).length, 250);
      } finally {
        await again.close();
      }
      // It was not finished: --again goes on with it.
      const resumed = await start(requestOf({ again: true }));
      assert.deepEqual(resumed.committed, { [INPUT.id]: [{ start: 0, end: 100 }] });
      await resumed.close();
    });
  });
}
