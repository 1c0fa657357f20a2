// One cell of the fault matrix of CrateDB: a shape of an answer, a way of writing, and where the process is killed.
import assert from 'node:assert/strict';
import { copy, type RunReport, status } from '../../src/index.ts';
import type { FakeCrate } from '../fakes/crate/server.ts';
import type { Shape } from '../fakes/crate/shapes.ts';
import { runCli } from './cli.ts';
import { assertExact, type CrateFile } from './crate.ts';

export interface CrateSite {
  readonly fake: FakeCrate;
  readonly file: CrateFile;
}

/** Options of the sink for each way in which rows meet others. */
export const WAYS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { key: ['id'] },
  { mode: 'upsert', key: ['id'] },
  { mode: 'replace' },
];

const BULK_ROWS = 400;

export const loadWith = (
  site: CrateSite,
  table: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<RunReport> =>
  copy({
    source: site.file.path,
    sink: { url: site.fake.url(table), bulkRows: BULK_ROWS, stallTimeout: '400ms', ...more },
    workers: 2,
    slice: 'rows:3000',
    retries: 5,
  });

/** Some requests of a load go so; each row is there once. */
export async function loadUnder(
  site: CrateSite,
  table: string,
  shape: Shape,
  way: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { fake, file } = site;
  const before = fake.bulks.length;
  fake.chooser = (index) => ([1, 2, 7].includes(index - before) ? shape : null);
  try {
    const report = await loadWith(site, table, way);
    assert.equal(report.rows.loaded, file.rows);
    assertExact(fake, table, file.rows);
    assert.ok(fake.bulks.length - before >= file.rows / BULK_ROWS);
  } finally {
    fake.chooser = null;
  }
}

export const copyArgs = ({ fake, file }: CrateSite, table: string, more: readonly string[]): string[] => [
  'copy',
  file.path,
  fake.url(table),
  ...['--bulk-rows', '500', '--stall-timeout', '400ms', ...more],
];

/** Points within a slice are hit in a worker's second slice. */
export const specOf = (point: string): string => (point.startsWith('slice.') ? `${point}:2` : point);

/** `more`: flags of both runs, which have other workers and other slices. */
export async function killAndResume(
  site: CrateSite,
  table: string,
  spec: string,
  shape: Shape | null,
  more: readonly string[],
): Promise<void> {
  const { fake, file } = site;
  const from = fake.bulks.length;
  fake.chooser = (index) => ((index - from) % 6 === 2 ? shape : null);
  try {
    const first = ['--workers', '2', '--slice', 'rows:2000', ...more];
    const killed = await runCli(copyArgs(site, table, first), { env: { PARLOAD_FAILPOINT: spec } });
    assert.equal(killed.signal, 'SIGKILL', `${killed.stdout}\n${killed.stderr}`);
    const second = await runCli(copyArgs(site, table, ['--workers', '1', '--slice', 'rows:5000', ...more]));
    assert.equal(second.code, 0, `${second.stdout}\n${second.stderr}`);
    assertExact(fake, table, file.rows);
    const [job] = await status({ url: fake.url(table) });
    assert.equal(job?.rowsLoaded, file.rows);
    assert.equal(job?.state, 'finished');
  } finally {
    fake.chooser = null;
  }
}
