// `make ingest`: one real load, watched. Without TO it starts the embedded Postgres and stops it again at the end.
// From the environment: FILE, TO, TABLE, WORKERS, MODE, AGAIN; empty means the default.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import pg from 'pg';
import { answerOf, tableSize } from './ingest-answer.ts';
import { startCluster } from './pg/cluster.ts';
import { runningServer } from './pg/files.ts';
import { persistentDataDir, repositoryRoot } from './pg/place.ts';

interface Target {
  readonly url: string;
  /** Ends what `open` began. */
  close(): Promise<void>;
}

const ROOT = repositoryRoot();
const FLIGHTS = join(ROOT, 'node_modules', 'vega-datasets', 'data', 'flights-3m.parquet');

/** Columns for a suggested command; a longer one pushes its explanation to the right. */
const NEXT_WIDTH = 46;

const given = (name: string): string | null => process.env[name]?.trim() || null;

const again = (): boolean => given('AGAIN') !== null && given('AGAIN') !== '0';

const count = (rows: number): string => rows.toLocaleString('en-US');

/** `data/My File-1.parquet` -> `my_file_1`, `data/trips/*.parquet` -> `trips` */
function tableNameFor(file: string): string {
  const [last = 'data'] = file
    .split('/')
    .filter((part) => /[a-z0-9]/i.test(part) && !part.includes('*'))
    .slice(-1);
  const stem = last.replace(/\.[^.]*$/, '').toLowerCase();
  const name = stem.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

const isPostgres = (url: string): boolean => /^postgres(ql)?:\/\//.test(url);

async function openTarget(): Promise<Target> {
  const to = given('TO');
  if (to !== null) return { url: to, close: async () => {} };
  const dataDir = persistentDataDir();
  const running = runningServer(dataDir);
  if (running?.ready === true) {
    console.log('Using the embedded Postgres that is running already (make pg-up).');
    return { url: `postgres://postgres@127.0.0.1:${running.port}/postgres`, close: async () => {} };
  }
  const cluster = await startCluster({ persistent: true });
  const shown = dataDir.startsWith(ROOT) ? relative(ROOT, dataDir) : dataDir;
  console.log(
    `Embedded Postgres ${cluster.version.replace(/\.0-.*/, '')} on port ${cluster.port}, data in ${shown}`,
  );
  return { url: cluster.url, close: () => cluster.close() };
}

/** The command that loads, as arguments after `parload`. */
function copyArguments(file: string, url: string, table: string | null): string[] {
  const args = ['copy', file, url];
  if (table !== null) args.push('--table', table);
  for (const name of ['WORKERS', 'MODE']) {
    const value = given(name);
    if (value !== null) args.push(`--${name.toLowerCase()}`, value);
  }
  if (again()) args.push('--again');
  return args;
}

/** On our terminal. Ctrl-C reaches parload by itself: the first finishes what is in flight, the second stops at once. */
function runParload(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'parload.js'), ...args], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Rows of the table, or null when it is not there or nobody knows; a number only for the sake of the message. */
async function rowsBefore(url: string, table: string): Promise<number | null> {
  const client = await connect(url).catch(() => null);
  if (client === null) return null; // parload will say it better
  try {
    return (await tableSize(client, table))?.rows ?? null;
  } finally {
    await client.end();
  }
}

async function showAnswer(url: string, table: string, before: number | null): Promise<void> {
  const client = await connect(url);
  try {
    const size = await tableSize(client, table);
    if (size === null) return;
    const nothingNew = !again() && before !== null && size.rows === before && before > 0;
    if (nothingNew) {
      console.log(
        `\nNothing was left to load: the ledger shows that an earlier run loaded this file into ${table}.`,
      );
      console.log('To load it a second time on purpose: make ingest AGAIN=1');
    }
    console.log(`\n${table}: ${count(size.rows)} rows, ${size.columns} columns, ${size.pretty} on disk`);
    console.log(await answerOf(client, table));
  } finally {
    await client.end();
  }
}

function showNext(file: string, embedded: boolean): void {
  const shown = file.startsWith(ROOT) ? relative(ROOT, file) : file;
  const lines: [string, string][] = [
    ['make ingest FILE=my.parquet TABLE=my_table', 'your own file, folder or glob'],
    ['make ingest TO=postgres://me@host/db', 'your own server'],
    ['make ingest AGAIN=1 WORKERS=4', 'the same rows once more, with 4 workers'],
    [`node bin/parload.js inspect ${shown}`, 'what is in the file'],
    ['node bin/parload.js copy --help', 'everything it can do'],
  ];
  if (embedded)
    lines.unshift(['make pg-up', 'this server again, left running, to query it (make pg-down stops it)']);
  console.log('\nNext:');
  for (const [command, what] of lines) console.log(`  ${command.padEnd(NEXT_WIDTH)}  ${what}`);
}

async function main(): Promise<number> {
  const file = given('FILE') ?? FLIGHTS;
  if (file === FLIGHTS && !existsSync(file)) {
    console.error(`The sample data is not installed (${relative(ROOT, file)}). Run: npm ci`);
    return 1;
  }
  const embedded = given('TO') === null;
  const target = await openTarget();
  try {
    const queryable = isPostgres(target.url);
    const table = given('TABLE') ?? (file === FLIGHTS ? 'flights' : tableNameFor(file));
    const before = queryable ? await rowsBefore(target.url, table) : null;
    const code = await runParload(
      copyArguments(file, target.url, queryable || given('TABLE') ? table : null),
    );
    if (code === 0 && queryable) await showAnswer(target.url, table, before);
    if (code === 0) showNext(file, embedded);
    else if (code === 130)
      console.error('\nInterrupted. What is committed stays: "make ingest" goes on from there.');
    else
      console.error(
        `\nThe load failed (exit code ${code}); the reason is above. "make ingest" goes on from there.`,
      );
    return code;
  } finally {
    await target.close();
  }
}

process.on('SIGINT', () => {
  // parload decides what an interrupt means; we stay to stop the server
});
try {
  process.exitCode = await main();
} catch (error) {
  console.error(`make ingest: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
