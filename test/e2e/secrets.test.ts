// TLS with an authority of one's own, SCRAM, and each way to give a password. Everything that leaves the process is
// searched for it: output, logs, events, reports, the ledger, what other sessions see, and the command lines of children.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CliOptions, type CliResult, startCli } from '../support/cli.ts';
import { withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';
import { makeCertificates } from '../support/tls.ts';
import { assertFailure, writeNumbered } from './fixture.ts';

const SECRET = 'pa55-geheim:\\%40';
/** As it may be written in different places. */
const FORMS = [
  SECRET,
  encodeURIComponent(SECRET),
  JSON.stringify(SECRET).slice(1, -1),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('hex'),
];
/** Nothing else has this part of it. */
const PART = 'pa55-geheim';

const dir = temporaryFolder();
const files = makeCertificates(dir, ['localhost'], 'by_cert');
const postgres = withPostgres({
  embedded: true,
  ssl: files,
  settings: { log_statement: 'all', log_connections: 'on' },
  hba: [
    'local all all trust',
    'hostssl all by_cert 127.0.0.1/32 cert',
    'hostssl all loader 127.0.0.1/32 scram-sha-256',
    'host all postgres 127.0.0.1/32 trust',
  ],
});
const input = writeNumbered(join(dir, 'numbered.parquet'), 30_000, { rowGroupRows: 5000 });
let ready: Promise<unknown> | null = null;

/** Where `loader` may load; no password in it. */
async function target(user = 'loader'): Promise<string> {
  const cluster = await postgres.cluster();
  ready ??= postgres.query(
    `create role loader login password '${SECRET.replaceAll("'", "''")}'; create role by_cert login; grant loader to by_cert;
     grant all on schema public to public; grant create on database postgres to public`,
  );
  await ready;
  return `postgres://${user}@localhost:${cluster.port}/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${files.caFile}`;
}

/** Command lines of all processes below `pid`, which another user could read. */
function commandLines(pid: number): string[] {
  const found: string[] = [];
  const commandLine = (at: number | string): string =>
    readFileSync(`/proc/${at}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended.
    }
  }
  const isBelow = (at: number): boolean => {
    for (let up = parents.get(at); up !== undefined && up > 1; up = parents.get(up))
      if (up === pid) return true;
    return false;
  };
  for (const at of parents.keys()) {
    if (!isBelow(at)) continue;
    try {
      const line = commandLine(at);
      // Between fork and exec a child still has the line that the user wrote.
      if (line !== commandLine(pid)) found.push(line);
    } catch {
      // It has ended.
    }
  }
  return found;
}

const assertSecretFree = (text: string, where: string): void => {
  for (const form of [...FORMS, PART]) assert.ok(!text.includes(form), `the password is in ${where}`);
};

interface Watched extends CliResult {
  /** Children whose command lines were looked at. */
  readonly children: number;
}

/** Runs the command, and searches all that it lets out. */
async function run(args: readonly string[], options: CliOptions = {}): Promise<Watched> {
  const running = startCli(args, options);
  const seen = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver && process.platform === 'linux') {
      for (const line of commandLines(running.child.pid!)) seen.add(line);
      const others = await postgres.query(
        "select coalesce(string_agg(query, ' '), '') as q from pg_stat_activity",
      );
      assertSecretFree(String(others[0]?.q).replaceAll(/create role loader.*?;/g, ''), 'pg_stat_activity');
      await sleep(20);
    }
  })();
  const result = await running.result;
  isOver = true;
  await watching;
  for (const line of seen) assertSecretFree(line, 'the command line of a child');
  assertSecretFree(result.stdout, 'stdout');
  assertSecretFree(result.stderr, 'stderr');
  return { ...result, children: seen.size };
}

async function searchLedger(): Promise<void> {
  for (const table of ['job', 'input', 'slice', 'meta']) {
    const rows = await postgres.query(
      `select coalesce(string_agg(t::text, ' '), '') as text from parload.${table} t`,
    );
    assertSecretFree(String(rows[0]?.text), `parload.${table}`);
  }
  const log = readFileSync((await postgres.cluster()).logFile, 'utf8');
  assertSecretFree(log.replaceAll(/^.*create role loader.*$/gm, ''), "the server's log");
}

const passwordFile = join(dir, 'password');
writeFileSync(passwordFile, `${SECRET}\nsecond line\n`, { mode: 0o600 });
const pgpass = join(dir, 'pgpass');
writeFileSync(pgpass, `*:*:*:loader:${SECRET.replaceAll(/[\\:]/g, '\\$&')}\n`, { mode: 0o600 });
const service = join(dir, 'services');
writeFileSync(service, `[loading]\nuser=loader\npassword=${SECRET}\n`, { mode: 0o600 });

interface Way {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly url?: (url: string) => string;
}

const WAYS: Readonly<Record<string, Way>> = {
  PGPASSWORD: { env: { PGPASSWORD: SECRET } },
  '.pgpass': { env: { PGPASSFILE: pgpass } },
  '--password-file': { args: ['--password-file', passwordFile] },
  '--password-command': { args: ['--password-command', `cat '${passwordFile}'`] },
  PGSERVICE: { env: { PGSERVICE: 'loading', PGSERVICEFILE: service } },
  'the URI': { url: (url) => url.replace('loader@', `loader:${encodeURIComponent(SECRET)}@`) },
};

describe('each way to give a password, over TLS that knows who answers', () => {
  for (const [index, [name, { args = [], env = {}, url }]] of Object.entries(WAYS).entries()) {
    test(name, async () => {
      const to = (url ?? ((text: string) => text))(await target());
      const table = `way_${index}`;
      const copy = ['copy', input.path, to, '--table', table, '--workers', '2', ...args];
      const loud = ['--progress', 'json', '-v', '--log-level', 'trace'];
      const planned = await run(['plan', ...copy.slice(1)], { env });
      assert.equal(planned.code, 0, planned.stderr);
      const loaded = await run([...copy, ...loud], { env });
      assert.equal(loaded.code, 0, loaded.stderr);
      const again = await run([...copy, '--json'], { env });
      assert.equal(again.code, 0, again.stderr);
      const failed = await run([...copy, '--again', '--where', 'nothing = 1', '-v'], { env });
      assert.match(failed.stderr, /^code: COLUMN_UNKNOWN$/m);
      const replaced = await run([...copy, '--mode', 'replace', '-v'], { env });
      assert.equal(replaced.code, 0, replaced.stderr);
      await searchLedger();
      const rows = await postgres.query(`select count(*)::int as n from ${table}`);
      assert.deepEqual(rows, [{ n: input.rows }]);
    });
  }
});

describe('passwords that do not work', () => {
  test('a wrong one, from a command', async () => {
    const args = ['--table', 't', '--password-command', `echo '${PART}-wrong'`];
    const running = startCli(['copy', input.path, await target(), ...args, '-v']);
    const { code, stderr, stdout } = await running.result;
    assert.equal(code, 4);
    assert.match(stderr, /^code: SINK_AUTH$/m);
    assertSecretFree(stderr + stdout, 'the error');
  });

  for (const [name, command, message] of [
    ['fails', `echo ${PART} >/dev/null; exit 3`, /ended with 3/],
    ['prints nothing', 'true', /printed nothing/],
    ['does not exist', `no-such-program-${PART}`, /ended with 127/],
  ] as const) {
    test(`a command that ${name}: which option, and nothing of the command`, async () => {
      const { code, stderr } = await startCli([
        'copy',
        input.path,
        await target(),
        '--table',
        't',
        '--password-command',
        command,
      ]).result;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^code: CONFIG_INVALID$/m);
      assert.match(stderr, message);
      // What the shell itself says of a program that it does not find is not ours.
      const own = stderr.split('\n').filter((line) => /^(error|hint|code|cause|where):/.test(line));
      assertSecretFree(own.join('\n'), 'the error');
    });
  }

  test('a file and a command at once', async () => {
    const both = ['--password-file', passwordFile, '--password-command', 'true'];
    const result = await run(['copy', input.path, await target(), '--table', 't', ...both]);
    assertFailure(result, 'CONFIG_INVALID', 2, /twice/);
  });
});

test('a client certificate, and no password at all', async () => {
  const certs = ['--sslcert', files.clientCertFile, '--sslkey', files.clientKeyFile];
  const args = ['copy', input.path, await target('by_cert'), '--table', 'by_certificate', ...certs];
  const { code, stderr, stdout } = await run(args);
  assert.equal(code, 0, stderr);
  const key = readFileSync(files.clientKeyFile, 'utf8').split('\n')[1]!;
  assert.ok(!(stdout + stderr).includes(key));
});

test('a server that somebody else signed for is not told the password', async () => {
  const strange = makeCertificates(temporaryFolder(), ['localhost']);
  const url = (await target()).replace(files.caFile, strange.caFile);
  const result = await run(['copy', input.path, url, '--table', 't'], { env: { PGPASSWORD: SECRET } });
  assertFailure(result, 'SINK_TLS', 4);
});

test('the benchmark: its children, its results and its page', async (t) => {
  const out = join(dir, 'bench');
  const url = (await target()).replace('loader@', `loader:${encodeURIComponent(SECRET)}@`);
  await postgres.query('grant pg_read_all_stats to loader; alter role loader createdb');
  const args = ['bench', input.path, url, '--workers', '1', '--runs', '1', '--out', out];
  const { code, stderr, stdout, children } = await run(args, { timeoutMs: 300_000 });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  t.diagnostic(`${children} command lines`);
  if (process.platform === 'linux') assert.ok(children > 0, 'children were seen');
  for (const name of readdirSync(out)) assertSecretFree(readFileSync(join(out, name), 'utf8'), name);
});
