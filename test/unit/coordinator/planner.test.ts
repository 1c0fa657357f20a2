import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type MemoryRequest,
  PROCESS_BASE_BYTES,
  planSource,
  replanSource,
  THREAD_BASE_BYTES,
} from '../../../src/coordinator/planner.ts';
import { ParloadError } from '../../../src/errors/index.ts';
import { MiB, parseBytes } from '../../../src/runtime/index.ts';
import { planningSource } from './fakes.ts';

const read = { columns: null, pruner: null };

const request = (more: Partial<MemoryRequest> = {}): MemoryRequest => ({
  budgetBytes: 512 * MiB,
  workers: 4,
  workersNamed: false,
  bufferBytes: 2 * MiB,
  slice: { kind: 'auto' },
  ...more,
});

describe('memory planner', () => {
  test('the sum stays under the budget and is said', async () => {
    const source = planningSource((hints) => ({ slices: 20, bytesPerWorker: hints.bytesPerWorker / 2 }));
    const { workers, memory } = await planSource(source, read, request(), {});
    assert.equal(workers, 4);
    assert.equal(memory.totalBytes, memory.fixedBytes + 4 * memory.perWorkerBytes);
    assert.ok(memory.totalBytes <= memory.budgetBytes);
    assert.equal(source.hints.length, 1);
    const share = source.hints[0]!.bytesPerWorker;
    assert.equal(share, Math.floor((512 * MiB - PROCESS_BASE_BYTES) / 4) - THREAD_BASE_BYTES - 2 * MiB);
  });

  test('fewer workers when a row group does not shrink', async () => {
    const source = planningSource(() => ({ slices: 20, bytesPerWorker: 150 * MiB }));
    const { workers, memory } = await planSource(source, read, request(), {});
    assert.equal(workers, 2);
    assert.ok(memory.totalBytes <= memory.budgetBytes);
    assert.deepEqual(
      source.hints.map((h) => h.workers),
      [4, 3, 2],
    );
  });

  test('a number of workers that was named is kept or refused', async () => {
    const source = planningSource(() => ({ slices: 20, bytesPerWorker: 150 * MiB }));
    await assert.rejects(
      planSource(source, read, request({ workersNamed: true }), {}),
      (error: unknown) =>
        ParloadError.is(error) && error.code === 'MEMORY_TOO_SMALL' && /^4 workers/.test(error.message),
    );
    assert.equal(source.hints.length, 1);
  });

  test('the figure in the refusal is enough', async () => {
    const source = planningSource(() => ({ slices: 20, bytesPerWorker: 150 * MiB + 12_345 }));
    const refused = await planSource(source, read, request({ workersNamed: true }), {}).catch(
      (e: unknown) => e,
    );
    assert.ok(ParloadError.is(refused));
    const figure = /need ([\d.]+ [KMG]iB)/.exec(refused.message)?.[1] ?? '';
    const enough = request({ workersNamed: true, budgetBytes: parseBytes(figure, 'memory') });
    assert.equal((await planSource(source, read, enough, {})).workers, 4);
  });

  test('no budget for a single worker: refused before the source is asked', async () => {
    const source = planningSource(() => ({ slices: 1, bytesPerWorker: 1 }));
    await assert.rejects(planSource(source, read, request({ budgetBytes: 100 * MiB }), {}), {
      code: 'MEMORY_TOO_SMALL',
    });
    assert.equal(source.hints.length, 0);
  });

  test("a source's own refusal leads to fewer workers as well", async () => {
    const source = planningSource((hints) => {
      if (hints.workers > 1) throw new ParloadError('MEMORY_TOO_SMALL', 'a page is bigger than that');
      return { slices: 3, bytesPerWorker: MiB };
    });
    assert.equal((await planSource(source, read, request(), {})).workers, 1);
  });

  test('other errors of the source pass', async () => {
    const source = planningSource(() => {
      throw new ParloadError('PARQUET_CORRUPT', 'broken');
    });
    await assert.rejects(planSource(source, read, request(), {}), { code: 'PARQUET_CORRUPT' });
  });

  test('no more threads than slices, none when nothing is left', async () => {
    const one = planningSource(() => ({ slices: 1, bytesPerWorker: MiB }));
    assert.equal((await planSource(one, read, request(), {})).workers, 1);
    const none = planningSource(() => ({ slices: 0, bytesPerWorker: 0 }));
    const planned = await planSource(none, read, request(), {});
    assert.equal(planned.workers, 0);
    assert.equal(planned.memory.totalBytes, PROCESS_BASE_BYTES);
  });

  test('planned again with the same cut and what is committed by then', async () => {
    const source = planningSource(() => ({ slices: 5, bytesPerWorker: MiB }));
    const planned = await planSource(source, read, request(), {});
    const committed = { in: [{ start: 0, end: 10 }] };
    await replanSource(source, read, request(), planned, committed);
    assert.deepEqual(source.hints[1], { ...source.hints[0], committed });
  });
});
