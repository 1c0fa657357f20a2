// Several hosts, credentials, compression, overload: what is between the command and the rows.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy, type ParloadError } from '../../src/index.ts';
import { FakeCrate } from '../fakes/crate/server.ts';
import { assertExact, withCrate } from '../support/crate.ts';
import { temporaryFolder } from '../support/root.ts';

const ROWS = 6000;
const site = withCrate(ROWS);
const dir = temporaryFolder();

const load = (sink: Record<string, unknown>) =>
  copy({ source: site.file.path, sink, workers: 2, slice: 'rows:2000', retries: 3 });

test('several hosts in turn, one of which is away', async () => {
  const other = await FakeCrate.start({ engine: site.fake.engine });
  const gone = await FakeCrate.start();
  const away = gone.port;
  await gone.stop();
  try {
    const before = site.fake.bulks.length;
    const hosts = [away, site.fake.port, other.port].map((port) => `127.0.0.1:${port}`).join(',');
    const report = await load({ url: `crate://${hosts}/doc?table=hosts`, bulkRows: 300 });
    assert.equal(report.rows.loaded, ROWS);
    assertExact(site.fake, 'hosts', ROWS);
    assert.ok(other.bulks.length > 0 && site.fake.bulks.length > before);
  } finally {
    await other.stop();
  }
});

test('basic authentication and tokens; a wrong password is told without it', async () => {
  const basic = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  const fake = await FakeCrate.start({ authorization: [basic, 'Bearer the.token'] });
  try {
    const url = (user: string, table: string): string =>
      `crate://${user}127.0.0.1:${fake.port}/doc?table=${table}`;
    await load({ url: url('me:s3cret@', 'basic') });
    assertExact(fake, 'basic', ROWS);
    const jwtFile = join(dir, 'token');
    writeFileSync(jwtFile, 'the.token\n');
    await load({ url: url('', 'jwt'), jwtFile });
    assertExact(fake, 'jwt', ROWS);
    const passwordFile = join(dir, 'password');
    writeFileSync(passwordFile, 's3cret\n');
    await load({ url: url('me@', 'file'), passwordFile });
    assertExact(fake, 'file', ROWS);
    await assert.rejects(load({ url: url('me:wr0ng@', 'basic') }), (error: ParloadError) => {
      assert.equal(error.code, 'SINK_AUTH');
      assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack}`, /wr0ng/);
      return true;
    });
  } finally {
    await fake.stop();
  }
});

test('gzip: every request, or none', async () => {
  const { fake } = site;
  for (const gzip of ['on', 'off']) {
    const before = fake.bulks.length;
    await load({ url: fake.url(`gzip_${gzip}`), gzip });
    assertExact(fake, `gzip_${gzip}`, ROWS);
    assert.ok(fake.bulks.slice(before).every(({ zipped }) => zipped === (gzip === 'on')));
  }
});

test('an overload halves the rows of a request, and the result says so', async () => {
  const { fake } = site;
  const before = fake.bulks.length;
  fake.chooser = (index) => (index - before < 2 ? 'status-429' : null);
  try {
    const report = await load({ url: fake.url('overload'), bulkRows: 1000, inFlight: 1 });
    assertExact(fake, 'overload', ROWS);
    assert.match(report.notes.join('\n'), /settled at .* rows a request .* too busy/);
    assert.ok(fake.bulks.slice(before + 2).some(({ rows }) => rows <= 500));
  } finally {
    fake.chooser = null;
  }
});
