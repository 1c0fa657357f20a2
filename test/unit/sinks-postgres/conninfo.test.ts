import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { resolveConnInfo } from '../../../src/sinks/postgres/conninfo.ts';
import { options } from '../../../src/sinks/postgres/options.ts';
import { findPassword, parseServiceFile } from '../../../src/sinks/postgres/secret-files.ts';
import { parseUri } from '../../../src/sinks/postgres/uri.ts';

const dir = mkdtempSync(join(tmpdir(), 'parload-conninfo-'));
after(() => rmSync(dir, { recursive: true }));
const file = (name: string, content: string, mode = 0o600): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

const NO_ENV = { PGPASSFILE: '/dev/null' };
const resolve = (url: string, env: NodeJS.ProcessEnv = {}, more = {}) =>
  resolveConnInfo({ url, ...more }, { ...NO_ENV, ...env }).info;
const refused = (url: string, env: NodeJS.ProcessEnv = {}, more = {}): ParloadError => {
  try {
    resolve(url, env, more);
  } catch (error) {
    assert.ok(ParloadError.is(error));
    assert.equal(error.code, 'CONFIG_INVALID');
    return error;
  }
  throw new Error(`accepted ${url}`);
};

test('URIs as libpq reads them', () => {
  assert.deepEqual(parseUri('postgres://'), {});
  assert.deepEqual(parseUri('postgresql:///db'), { dbname: 'db' });
  assert.deepEqual(parseUri('postgres://u@h'), { user: 'u', host: 'h' });
  assert.deepEqual(parseUri('postgres://u:p%40%3A%2F@h:5433/d%20b?connect_timeout=3'), {
    user: 'u',
    password: 'p@:/',
    host: 'h',
    port: '5433',
    dbname: 'd b',
    connect_timeout: '3',
  });
  assert.deepEqual(parseUri('postgres://a:1,b:2,[::1]/d'), { host: 'a,b,::1', port: '1,2,', dbname: 'd' });
  assert.deepEqual(parseUri('postgres://%2Fvar%2Frun/d'), { host: '/var/run', dbname: 'd' });
  assert.deepEqual(parseUri('postgres:///d?host=/tmp&user=me'), { host: '/tmp', dbname: 'd', user: 'me' });
  assert.deepEqual(parseUri('postgres://h?options=-c%20a%3Db'), { host: 'h', options: '-c a=b' });
  assert.deepEqual(parseUri('postgres://h?ssl=true&keepalives_idle=3'), { host: 'h', sslmode: 'require' });
});

test('what cannot be read is refused without showing it', () => {
  for (const uri of ['postgres://u:se%crt@h', 'postgres://h:secrtx', 'postgres://h?secrt', 'http://secrt']) {
    assert.doesNotMatch(refused(uri).message, /secrt/);
  }
  assert.match(refused('postgres://h?pasword=secrt').message, /"pasword"/);
  assert.match(refused('postgres://a,b,c:1,2:x').message, /host/);
  refused('postgres://a:1,b:99999');
  refused('postgres://a?port=1,2');
  refused('postgres://h?target_session_attrs=standby');
  refused('postgres://h?sslmode=no-verify');
  refused('postgres://h?sslmode=require&sslrootcert=system');
  refused('postgres://h?connect_timeout=soon');
});

test('flag wins over URI, URI over service, service over environment, environment over default', () => {
  const env = {
    PGHOST: 'envhost',
    PGPORT: '1111',
    PGUSER: 'envuser',
    PGSSLMODE: 'require',
    PGDATABASE: 'envdb',
  };
  const all = resolve('postgres://', env);
  assert.deepEqual(
    [all.hosts[0]?.host, all.hosts[0]?.port, all.user, all.database, all.sslmode],
    ['envhost', 1111, 'envuser', 'envdb', 'require'],
  );
  const uri = resolve('postgres://u@h:2/d?sslmode=disable', env);
  assert.deepEqual([uri.hosts[0]?.host, uri.hosts[0]?.port, uri.user, uri.sslmode], ['h', 2, 'u', 'disable']);
  assert.equal(resolve('postgres://h?sslmode=disable', env, { sslmode: 'verify-ca' }).sslmode, 'verify-ca');
  const services = file('services', '# c\n[other]\nhost=no\n\n[mine]\nhost = svc\nport=77\ndbname=sdb\n');
  const service = resolve('postgres://', { ...env, PGSERVICE: 'mine', PGSERVICEFILE: services });
  assert.deepEqual([service.hosts[0]?.host, service.hosts[0]?.port, service.database], ['svc', 77, 'sdb']);
  assert.equal(resolve('postgres:///?service=mine', { PGSERVICEFILE: services }).hosts[0]?.host, 'svc');
  assert.match(refused('postgres://', { PGSERVICE: 'none', PGSERVICEFILE: services }).message, /"none"/);
  assert.equal(parseServiceFile('[a]\nhost=x', 'b'), null);
});

test('defaults', () => {
  const info = resolve('postgres://h');
  assert.equal(info.user, userInfo().username);
  assert.equal(info.database, info.user);
  assert.equal(resolve('postgres://u@h').database, 'u');
  assert.equal(info.sslmode, 'prefer');
  assert.equal(info.connectTimeoutMs, 10_000);
  assert.equal(resolve('postgres://h?connect_timeout=1').connectTimeoutMs, 2000);
  assert.equal(
    resolve('postgres://h?connect_timeout=9', {}, { connectTimeout: '1500ms' }).connectTimeoutMs,
    1500,
  );
  assert.equal(resolve('postgres://h?sslrootcert=system').sslmode, 'verify-full');
  assert.deepEqual(
    resolve('postgres://a,b:7/d?target_session_attrs=primary').hosts.map((h) => `${h.host}:${h.port}`),
    ['a:5432', 'b:7'],
  );
  const byAddress = resolve('postgres://name?hostaddr=127.0.0.1').hosts[0];
  assert.deepEqual([byAddress?.host, byAddress?.address], ['name', '127.0.0.1']);
});

test('.pgpass', () => {
  const content = '# c\nh:5432:d:u:one\n*:*:d\\:x:u:two\\:\\\\\n*:*:*:*:a:b\n';
  const key = { host: 'h', port: 5432, database: 'd', user: 'u' };
  assert.equal(findPassword(content, key), 'one');
  assert.equal(findPassword(content, { ...key, database: 'd:x' }), 'two:\\');
  assert.equal(findPassword(content, { ...key, host: 'other' }), 'a:b');
  assert.equal(findPassword('h:1:d:u:p', key), null);
  const pass = file('pgpass', 'h1:*:*:*:p1\nh2:*:*:*:p2\n');
  const both = resolve('postgres://u@h1,h2/d', { PGPASSFILE: pass });
  assert.deepEqual(
    both.hosts.map((h) => h.password),
    ['p1', 'p2'],
  );
  assert.equal(
    resolve('postgres://u@h1/d', { PGPASSFILE: pass, PGPASSWORD: 'env' }).hosts[0]?.password,
    'env',
  );
  assert.equal(resolve('postgres://u:uri@h1/d', { PGPASSWORD: 'env' }).hosts[0]?.password, 'uri');
  const passwordFile = file('password', 'from file\nmore\n');
  assert.equal(resolve('postgres://u:uri@h1/d', {}, { passwordFile }).hosts[0]?.password, 'from file');
  const open = file('open', 'h1:*:*:*:p1\n', 0o644);
  const { info, notes } = resolveConnInfo({ url: 'postgres://u@h1' }, { PGPASSFILE: open });
  assert.equal(info.hosts[0]?.password, null);
  assert.match(notes[0] ?? '', /chmod 0600/);
});

test('options validate the same when they come back from a thread', () => {
  const first = options.parse({ url: 'postgres://', table: 't', stallTimeout: 5, lockTimeout: '2m' });
  assert.deepEqual(options.parse(structuredClone(first)), first);
  assert.equal(options.safeParse({ url: 'postgres://', table: 't', tabel: 'x' }).success, false);
  assert.equal(options.safeParse({ url: 'postgres://', table: 't', stallTimeout: 'soon' }).success, false);
});
