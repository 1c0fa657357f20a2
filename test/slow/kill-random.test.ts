// kill -9 at many random moments. PARLOAD_TEST_SEED repeats a run, PARLOAD_TEST_KILLS makes it longer.
import { join } from 'node:path';
import { test } from 'node:test';
import { writeNumbered } from '../e2e/fixture.ts';
import { killAtRandom } from '../e2e/random-kills.ts';
import { withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';

const KILLS = Number(process.env.PARLOAD_TEST_KILLS ?? 50);

const postgres = withPostgres();
const dir = temporaryFolder();

test(`killed at ${KILLS} random moments`, async (t) => {
  const input = writeNumbered(join(dir, 'numbered.parquet'), 500_000);
  await killAtRandom(t, await postgres.freshDatabase(), input, KILLS);
});
