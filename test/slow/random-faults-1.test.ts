// A hundred random strikes over all write modes; the other file has a hundred more. PARLOAD_TEST_SEED repeats them.
import { test } from 'node:test';
import { Site } from '../e2e/fixture.ts';
import { faultsAtRandom } from '../e2e/random-faults.ts';

const STRIKES = Number(process.env.PARLOAD_TEST_KILLS ?? 100);
const site = new Site(60_000, { embedded: true, durable: true, database: 'file' });

test(`${STRIKES} random kills of command, backends and server`, (t) => faultsAtRandom(t, site, STRIKES));
