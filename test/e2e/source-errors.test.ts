// What goes wrong with the files: not there, damaged, something else, changed while they are read.
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCli, startCli } from '../support/cli.ts';
import { sharedOrSkip } from '../support/shared.ts';
import {
  assertFailure,
  copyArgs,
  countRows,
  createNumbered,
  ledgerRows,
  Site,
  until,
  writeNumbered,
} from './fixture.ts';

const ROWS = 60_000;

const site = new Site(ROWS);

const load = (path: string, more: readonly string[] = []) => runCli(copyArgs(path, site.db, 't', more));

describe('not there, or not Parquet', () => {
  test('no such file, glob or folder', async () => {
    for (const path of ['nowhere.parquet', join(site.dir, 'none-*.parquet'), '/no/such/folder/']) {
      assertFailure(await load(path), 'SOURCE_NOT_FOUND', 3);
    }
    await site.assertUntouched();
  });

  const whole = (): Buffer => readFileSync(site.input.path);
  const damages: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    ['empty', () => new Uint8Array(0), /^code: (NOT_PARQUET|PARQUET_CORRUPT)$/m],
    ['a page of text', () => Buffer.from('<html>404</html>\n'.repeat(100)), /^code: NOT_PARQUET$/m],
    ['cut in half', () => whole().subarray(0, whole().length / 2), /^code: PARQUET_CORRUPT$/m],
    ['without its last byte', () => whole().subarray(0, -1), /^code: PARQUET_CORRUPT$/m],
    [
      'with a damaged footer',
      () => {
        const bytes = whole();
        // its beginning, where the schema is: other parts are not needed to read the rows
        const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
        bytes.fill(0xff, start + 5, start + 55);
        return bytes;
      },
      /^code: PARQUET_CORRUPT$/m,
    ],
    [
      'with zeros in its middle',
      () => {
        const bytes = whole();
        bytes.fill(0, bytes.length / 2, bytes.length / 2 + 4096);
        return bytes;
      },
      /^code: PARQUET_CORRUPT$/m,
    ],
  ];
  for (const [name, bytes, code] of damages) {
    test(`a file ${name}`, async () => {
      const path = join(site.dir, 'damaged.parquet');
      writeFileSync(path, bytes());
      const result = await load(path, ['--workers', '1', '--slice', `rows:${ROWS}`]);
      assert.equal(result.code, 3, result.stderr);
      assert.match(result.stderr, code);
      assert.match(result.stderr, /^hint: \S/m);
      assert.match(result.stderr, /damaged\.parquet/);
      assert.doesNotMatch(result.stderr, /^ {4}at /m);
      await site.committed();
    });
  }
});

describe('damaged files of the shared data', () => {
  /** Readable to the end, but a checksum of a page tells. */
  const BY_CHECKSUM = 'plain_page_flip_crc.parquet';

  async function assertRefused(path: string, slice: string): Promise<void> {
    const result = await load(path, ['--workers', '1', '--slice', slice]);
    assert.equal(result.code, 3, `${path}: exit ${result.code}\n${result.stdout}${result.stderr}`);
    assert.match(result.stderr, /^code: (NOT_PARQUET|PARQUET_CORRUPT|PARQUET_UNSUPPORTED)$/m, path);
    assert.match(result.stderr, /^hint: \S/m, path);
    assert.doesNotMatch(result.stderr, /^ {4}at /m, path);
    assert.equal(await countRows(site.db, 't'), await ledgerRows(site.db, 't'), path);
  }

  test('a typed error, and no row in the table', async (t) => {
    const folder = sharedOrSkip(t, 'data', 'corrupt');
    if (folder === null) return;
    const expected = JSON.parse(readFileSync(join(folder, 'corrupt.expected.dev.json'), 'utf8')) as Record<
      string,
      { pyarrow: string }
    >;
    const files = readdirSync(folder).filter((f) => expected[f]?.pyarrow.startsWith('error') === true);
    assert.ok(files.length >= 20);
    for (const file of files) {
      // as users do, without a word about slices: a file this small is one slice, so not even what comes before the damage is there
      const result = await load(join(folder, file));
      assert.equal(result.code, 3, `${file}: ${result.stderr}`);
      assert.match(result.stderr, /^code: (NOT_PARQUET|PARQUET_CORRUPT|PARQUET_UNSUPPORTED)$/m, file);
      assert.ok(result.stderr.includes(file), 'the file is named');
      if (
        await site.db.query("select 1 from pg_tables where tablename = 't'").then((rows) => rows.length > 0)
      ) {
        assert.equal(await countRows(site.db, 't'), 0, file);
        await site.db.query('drop table t');
      }
    }
    t.diagnostic(`${files.length} files`);
  });

  for (const slice of ['row-group', 'rows:2000', 'rows:10000000']) {
    test(`a page with a wrong checksum, --slice ${slice}`, async (t) => {
      const path = sharedOrSkip(t, 'data', 'corrupt', BY_CHECKSUM);
      if (path !== null) await assertRefused(path, slice);
    });
  }
});

describe('changed while it is loaded', () => {
  /** The load has planned and waits for the table, which somebody else has locked; meanwhile `change` happens. */
  async function changedInBetween(change: (path: string) => void) {
    const path = join(site.dir, 'changing.parquet');
    copyFileSync(site.input.path, path);
    await createNumbered(site.db, 't');
    const other = await site.db.connect();
    await other.query('begin; lock table t in share mode');
    const running = startCli(copyArgs(path, site.db, 't', ['--workers', '1', '--slice', 'rows:10000']));
    await until('a COPY waits for the table', async () => {
      const rows = await site.db.query(
        "select 1 from pg_locks where not granted and relation = 't'::regclass",
      );
      return rows.length === 1;
    });
    change(path);
    await other.query('commit');
    return { path, result: await running.result };
  }

  const later = new Date(Date.now() + 5000);
  const changes: readonly (readonly [string, (path: string) => void])[] = [
    [
      'another file in its place',
      (path) => {
        writeNumbered(path, ROWS, { first: 1_000_000 });
        utimesSync(path, later, later);
      },
    ],
    ['a byte more', (path) => writeFileSync(path, 'x', { flag: 'a' })],
    ['cut off', (path) => truncateSync(path, 1000)],
    ['touched', (path) => utimesSync(path, later, later)],
  ];
  for (const [name, change] of changes) {
    test(name, async () => {
      const { path, result } = await changedInBetween(change);
      assertFailure(result, 'SOURCE_CHANGED', 3, /changing\.parquet/);
      assert.ok((await site.committed()) < ROWS);
      // The old file is back: what was committed of it still counts.
      copyFileSync(site.input.path, path);
      await site.resume([], 't', path);
    });
  }
});
