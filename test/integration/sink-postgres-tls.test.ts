// sslmode with libpq's meaning, client certificates, SCRAM, and where a password may come from.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ErrorCode, ParloadError, toWire } from '../../src/errors/index.ts';
import { connect, type PgConnection } from '../../src/sinks/postgres/connection.ts';
import { resolveConnInfo } from '../../src/sinks/postgres/conninfo.ts';
import { sink } from '../../src/sinks/postgres/index.ts';
import { numberedBatch } from '../conformance/batches.ts';
import { Rig, sliceOf } from '../conformance/sink-suite.ts';
import { withPostgres } from '../support/postgres.ts';
import { makeCertificates } from '../support/tls.ts';

const dir = mkdtempSync(join(tmpdir(), 'parload-tls-'));
const other = mkdtempSync(join(tmpdir(), 'parload-tls-'));
after(() => {
  rmSync(dir, { recursive: true });
  rmSync(other, { recursive: true });
});
// The name is not 127.0.0.1, so that verify-full can fail where verify-ca does not.
const files = makeCertificates(dir, ['localhost'], 'by_cert');
const foreign = makeCertificates(other, ['localhost']);

const encrypted = withPostgres({
  embedded: true,
  ssl: files,
  hba: [
    'local all all trust',
    'hostssl all by_cert 127.0.0.1/32 cert',
    'hostssl all by_scram 127.0.0.1/32 scram-sha-256',
    'hostssl all only_tls 127.0.0.1/32 trust',
    'hostnossl all only_plain 127.0.0.1/32 trust',
    'host all postgres 127.0.0.1/32 trust',
  ],
});
const plain = withPostgres({ embedded: true });

const ENV = { PGPASSFILE: '/dev/null' };
const open = async (
  user: string,
  query = '',
  more: { host?: string; env?: NodeJS.ProcessEnv; passwordFile?: string; server?: typeof plain } = {},
): Promise<PgConnection> => {
  const cluster = await (more.server ?? encrypted).cluster();
  const url = `postgres://${user}@${more.host ?? 'localhost'}:${cluster.port}/postgres?hostaddr=127.0.0.1&${query}`;
  const options = { url, ...(more.passwordFile === undefined ? {} : { passwordFile: more.passwordFile }) };
  const { info } = resolveConnInfo(options, { ...ENV, ...more.env });
  return connect(info, { applicationName: 'parload/test', initial: true });
};

const connected = async (promise: Promise<PgConnection>, expectEncrypted: boolean): Promise<void> => {
  const connection = await promise;
  const [row] = await connection.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()', [], {
    doing: 'x',
  });
  assert.equal(row?.ssl, expectEncrypted);
  assert.equal(connection.encrypted, expectEncrypted);
  await connection.close();
};

const refused = async (promise: Promise<PgConnection>, code: ErrorCode): Promise<ParloadError> => {
  try {
    await (await promise).close();
  } catch (error) {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(JSON.stringify(toWire(error)), /pa55/);
    return error;
  }
  throw new Error(`not refused; expected ${code}`);
};

test('prefer takes TLS where it is offered, and does without where it is not', async () => {
  await connected(open('postgres'), true);
  await connected(open('postgres', '', { server: plain }), false);
});

test('disable, allow and require', async () => {
  await connected(open('postgres', 'sslmode=disable'), false);
  await connected(open('postgres', 'sslmode=allow'), false);
  await connected(open('postgres', 'sslmode=require'), true);
  const error = await refused(open('postgres', 'sslmode=require', { server: plain }), 'SINK_TLS');
  assert.match(error.message, /offers no TLS/);
});

test('prefer and allow change their mind when the server admits the user only the other way', async () => {
  const { query } = encrypted;
  await query('create role only_tls login; create role only_plain login');
  await connected(open('only_tls', 'sslmode=allow'), true);
  await connected(open('only_plain', 'sslmode=prefer'), false);
  await refused(open('only_plain', 'sslmode=require'), 'SINK_AUTH');
});

test('verify-ca checks who signed, verify-full also the name', async () => {
  await connected(open('postgres', `sslmode=verify-full&sslrootcert=${files.caFile}`), true);
  await connected(
    open('postgres', `sslmode=verify-ca&sslrootcert=${files.caFile}`, { host: '127.0.0.1' }),
    true,
  );
  await connected(
    open('postgres', `sslmode=require&sslrootcert=${files.caFile}`, { host: '127.0.0.1' }),
    true,
  );
  await refused(
    open('postgres', `sslmode=verify-full&sslrootcert=${files.caFile}`, { host: '127.0.0.1' }),
    'SINK_TLS',
  );
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    await refused(open('postgres', `sslmode=${mode}&sslrootcert=${foreign.caFile}`), 'SINK_TLS');
  }
  await refused(open('postgres', 'sslrootcert=system'), 'SINK_TLS');
  const missing = await refused(open('postgres', 'sslmode=verify-full&sslrootcert=/no/such.pem'), 'SINK_TLS');
  assert.match(missing.message, /\/no\/such.pem does not exist/);
});

test('client certificates, and keys that others may read', async () => {
  const { query } = encrypted;
  await query('create role by_cert login');
  const certs = `sslcert=${files.clientCertFile}&sslkey=${files.clientKeyFile}`;
  await connected(open('by_cert', `sslmode=require&${certs}`), true);
  await refused(open('by_cert', 'sslmode=require'), 'SINK_AUTH');
  const exposed = join(dir, 'exposed.key');
  copyFileSync(files.clientKeyFile, exposed);
  chmodSync(exposed, 0o644);
  const error = await refused(
    open('by_cert', `sslmode=require&sslcert=${files.clientCertFile}&sslkey=${exposed}`),
    'SINK_TLS',
  );
  assert.match(error.hint, /chmod 0600/);
  await refused(open('by_cert', `sslmode=require&sslcert=/no/such.crt`), 'SINK_TLS');
});

test('SCRAM: password from the environment, .pgpass or a file; wrong and missing ones', async () => {
  const { query } = encrypted;
  await query("create role by_scram login password 'pa55:\\word'");
  await connected(open('by_scram', '', { env: { PGPASSWORD: 'pa55:\\word' } }), true);
  await connected(open('by_scram', 'channel_binding=require', { env: { PGPASSWORD: 'pa55:\\word' } }), true);
  const pgpass = join(dir, 'pgpass');
  writeFileSync(pgpass, '*:*:*:by_scram:pa55\\:\\\\word\n', { mode: 0o600 });
  await connected(open('by_scram', '', { env: { PGPASSFILE: pgpass } }), true);
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, 'pa55:\\word\n');
  await connected(open('by_scram', '', { passwordFile }), true);
  const wrong = await refused(open('by_scram', '', { env: { PGPASSWORD: 'pa55' } }), 'SINK_AUTH');
  assert.match(wrong.message, /28P01/);
  const none = await refused(open('by_scram'), 'SINK_AUTH');
  assert.match(none.hint, /PGPASSWORD/);
});

test('a unix socket', async () => {
  const cluster = await encrypted.cluster();
  const { info } = resolveConnInfo(
    {
      url: `postgres://postgres@${encodeURIComponent(cluster.socketDir)}:${cluster.port}/postgres?sslmode=prefer`,
    },
    ENV,
  );
  await connected(connect(info, { applicationName: 'parload/test', initial: true }), false);
  const missing = { ...info, hosts: [{ ...info.hosts[0]!, address: '/no/such', host: '/no/such' }] };
  await refused(connect(missing, { applicationName: 'x', initial: true }), 'SINK_UNREACHABLE');
});

test('a port that is no Postgres, and one that never answers', async () => {
  const { createServer } = await import('node:net');
  const servers = [
    createServer((s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    createServer(() => {}),
    createServer((s) => s.destroy()),
  ];
  try {
    const ports = await Promise.all(
      servers.map(async (server) => {
        await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
        return (server.address() as { port: number }).port;
      }),
    );
    const at = (port: number | undefined): Promise<PgConnection> =>
      connect(
        resolveConnInfo({ url: `postgres://u@127.0.0.1:${port}/d`, connectTimeout: '300ms' }, ENV).info,
        { applicationName: 'x', initial: true },
      );
    const alien = await at(ports[0]).catch((e: unknown) => e);
    assert.ok(
      ParloadError.is(alien) && ['SINK_TLS', 'SINK_UNREACHABLE', 'SINK_AUTH'].includes(alien.code),
      String(alien),
    );
    assert.match((await refused(at(ports[1]), 'SINK_UNREACHABLE')).message, /no answer/);
    await refused(at(ports[2]), 'SINK_UNREACHABLE');
  } finally {
    for (const server of servers) {
      server.close();
      server.unref();
    }
  }
});

test('a load over TLS', async () => {
  const cluster = await encrypted.cluster();
  const url = `postgres://postgres@localhost:${cluster.port}/postgres?sslmode=verify-full&sslrootcert=${files.caFile}`;
  const options = { url, table: 'over_tls' };
  const rig = await Rig.start(sink, { options, ids: null, fingerprint: null }, 256 * 1024);
  const rows = 40_000;
  const batches = Array.from({ length: 4 }, (_, i) => numberedBatch(i * 10_000, 10_000));
  assert.equal(await rig.load(await rig.session(), sliceOf(0, rows), batches), rows);
  const [row] = await encrypted.query('select count(*)::int as n, sum(id)::int8 as ids from over_tls');
  assert.deepEqual(row, { n: rows, ids: String((rows * (rows - 1)) / 2) });
  await rig.close();
});
