// A dozen random strikes over all write modes; test/slow has two hundred.
import { test } from 'node:test';
import { Site } from './fixture.ts';
import { faultsAtRandom } from './random-faults.ts';

const STRIKES = 12;
const site = new Site(60_000, { embedded: true, durable: true, database: 'file' });

test(`${STRIKES} random kills of command, backends and server`, (t) => faultsAtRandom(t, site, STRIKES));
