// Parquet straight from stores: the same rows as from disk, whatever the network does, and no more bytes than needed.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Float64, Int32, Int64, Utf8 } from 'apache-arrow';
import { inspect, ParloadError } from '../../src/index.ts';
import { afterBytes, type Fault, FaultProxy } from '../fakes/fault-proxy.ts';
import type { BucketServer } from '../fakes/objects/bucket-server.ts';
import type { HttpFault } from '../fakes/objects/object-server.ts';
import { OSS_TEST_KEY, startOss } from '../fakes/objects/oss-server.ts';
import { S3_TEST_KEY, startS3 } from '../fakes/objects/s3-server.ts';
import { runCli } from '../support/cli.ts';
import { withEnvironment } from '../support/environment.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { type Cells, readCells } from '../support/read-cells.ts';
import { temporaryFolder } from '../support/root.ts';

const dir = temporaryFolder();
const ENV = {
  AWS_ACCESS_KEY_ID: S3_TEST_KEY.id,
  AWS_SECRET_ACCESS_KEY: S3_TEST_KEY.secret,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_REGION: 'eu-west-1',
  AWS_CONFIG_FILE: join(dir, 'none'),
  AWS_SHARED_CREDENTIALS_FILE: join(dir, 'none'),
  OSS_ACCESS_KEY_ID: OSS_TEST_KEY.id,
  OSS_ACCESS_KEY_SECRET: OSS_TEST_KEY.secret,
  OSS_REGION: 'cn-hangzhou',
  OSS_CONFIG_FILE: join(dir, 'none'),
};
withEnvironment(ENV);

const ROWS = 40_000;
const path = writeParquetFile(join(dir, 'rows.parquet'), {
  rows: ROWS,
  rowGroupRows: 15_000,
  columns: [
    { name: 'id', type: new Int64(), value: (row) => BigInt(row) * 7_919n, nullable: false },
    { name: 'x', type: new Float64(), value: (row) => (row % 11 === 3 ? null : Math.sin(row)) },
    { name: 'kind', type: new Int32(), value: (row) => row % 5 },
    { name: 'text', type: new Utf8(), value: (row) => (row % 7 === 2 ? null : `row ${row} ä ${row % 97}`) },
  ],
});
const BYTES = readFileSync(path);

let s3: BucketServer;
let oss: BucketServer;
let local: Cells;
before(async () => {
  [s3, oss, local] = await Promise.all([startS3(), startOss(), readCells(path)]);
});
after(async () => {
  await Promise.all([s3.close(), oss.close()]);
});
beforeEach(() => {
  s3.objects.clear();
  s3.faultOf = () => null;
  s3.put('data/rows.parquet', BYTES);
  oss.put('data/rows.parquet', BYTES);
  s3.open.add('data');
});

const readS3 = (endpointUrl = s3.url, more: Record<string, unknown> = {}): Promise<Cells> =>
  readCells('s3://data/rows.parquet', { source: { endpointUrl, ...more } });

describe('rows from stores', () => {
  it('are those of the local file', async () => {
    assert.equal(local.rows, ROWS);
    assert.deepEqual(await readS3(), local);
    assert.deepEqual(await readCells('oss://data/rows.parquet', { source: { endpointUrl: oss.url } }), local);
    assert.deepEqual(await readCells(`${s3.url}/data/rows.parquet`), local);
  });

  it('in slices that begin anywhere, and of some columns', async () => {
    const options = {
      slice: { kind: 'rows', rows: 3_333 },
      columns: ['text', 'x'],
    } as const;
    const far = await readCells('s3://data/rows.parquet', { ...options, source: { endpointUrl: s3.url } });
    assert.deepEqual(far, await readCells(path, options));
  });
});

/** What a broken network may end in. */
const TYPED = new Set([
  'SOURCE_UNREACHABLE',
  'SOURCE_UNREADABLE',
  'SOURCE_CHANGED',
  'PARQUET_CORRUPT',
  'NOT_PARQUET',
]);

/** Right rows or a typed error. Says which. */
async function rowsOrError(read: Promise<Cells>): Promise<string> {
  try {
    assert.deepEqual(await read, local);
    return 'rows';
  } catch (error) {
    if (!ParloadError.is(error)) throw error;
    assert.ok(TYPED.has(error.code), `${error.code} ${error.message}`);
    return error.code;
  }
}

/** The same numbers on every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a broken network', () => {
  let proxy: FaultProxy;
  beforeEach(async () => {
    proxy = await FaultProxy.start({ port: s3.port });
  });
  const through = async (work: (url: string) => Promise<void>): Promise<void> => {
    try {
      await work(`http://127.0.0.1:${proxy.port}`);
    } finally {
      await proxy.close();
    }
  };

  for (const [name, fault] of Object.entries<Fault>({
    cut: { do: 'cut' },
    reset: { do: 'reset' },
    truncated: { do: 'truncate', only: 'down' },
  })) {
    it(`every connection ${name} at a random byte: the rows arrive all the same`, () =>
      through(async (url) => {
        const random = randomFrom(name.length);
        // more than any answer of a few ranges at first, so that each connection brings something
        proxy.script((index) =>
          index > 40 ? [] : [{ on: 'down', when: afterBytes(500 + Math.floor(random() * 200_000)), fault }],
        );
        assert.deepEqual(await readS3(url), local);
        assert.ok(proxy.happened.length >= 2, `${proxy.happened.length} faults`);
      }));
  }

  it('connections that go silent are given up', () =>
    through(async (url) => {
      proxy.script((index) =>
        index % 2 === 0 && index < 6
          ? [{ on: 'down', when: afterBytes(2_000), fault: { do: 'black-hole', only: 'down' } }]
          : [],
      );
      assert.deepEqual(await readS3(url, { readTimeout: '500ms' }), local);
      assert.ok(proxy.happened.length > 0);
    }));

  it('a slow line changes nothing', () =>
    through(async (url) => {
      proxy.script(() => [
        { on: 'up', when: afterBytes(1), fault: { do: 'rate', bytesPerSecond: 3_000_000, only: 'down' } },
      ]);
      assert.deepEqual(await readS3(url), local);
    }));
});

describe('a broken server', () => {
  /** Faults for answers to reads behind the first few. */
  const KINDS: Readonly<Record<string, (random: () => number) => HttpFault>> = {
    'short bodies': (random) => ({ do: 'short', bytes: 1 + Math.floor(random() * 30_000) }),
    'resets in bodies': (random) => ({ do: 'reset', afterBytes: Math.floor(random() * 60_000) }),
    'bodies that are too long': (random) => ({ do: 'long', bytes: 1 + Math.floor(random() * 9) }),
    'other bytes than were asked for': (random) => ({
      do: 'shifted',
      by: 1 + Math.floor(random() * 999),
      honest: true,
    }),
    '503 in bursts': () => ({ do: 'status', status: 503, body: '<Error><Code>SlowDown</Code></Error>' }),
    'a page of a proxy with status 200': () => ({
      do: 'status',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>sign in</html>',
    }),
  };

  for (const [name, make] of Object.entries(KINDS)) {
    it(`${name}: right rows or a typed error`, async () => {
      const random = randomFrom(name.length);
      let hurt = 0;
      s3.faultOf = ({ method }) => {
        if (method !== 'GET' || random() > 0.3) return null;
        hurt++;
        return make(random);
      };
      const outcome = await rowsOrError(readS3());
      assert.ok(hurt > 0);
      if (!name.startsWith('a page')) assert.equal(outcome, 'rows');
    });
  }

  it('bytes of another place under the right header: never wrong rows', async () => {
    let reads = 0;
    s3.faultOf = ({ method }) =>
      method === 'GET' && reads++ === 2 ? { do: 'shifted', by: 64, honest: false } : null;
    const outcome = await rowsOrError(readS3());
    assert.notEqual(outcome, 'rows');
  });

  it('an object that is replaced in mid-read stops it', async () => {
    let reads = 0;
    s3.faultOf = ({ method }) => {
      if (method === 'GET' && reads++ === 2) s3.put('data/rows.parquet', Buffer.from(BYTES).fill(1, 4, 5));
      return null;
    };
    assert.equal(await rowsOrError(readS3()), 'SOURCE_CHANGED');
  });
});

describe('what is fetched', () => {
  const wide = writeParquetFile(join(dir, 'wide.parquet'), {
    rows: 60_000,
    rowGroupRows: 15_000,
    columns: Array.from({ length: 19 }, (_, k) => ({
      name: `c${k}`,
      type: new Float64(),
      value: (row: number) => Math.sin(row * (k + 1)),
    })),
  });

  it('two columns of nineteen: at most 1.1 x their chunks and the footer', async () => {
    const wideBytes = readFileSync(wide);
    s3.put('data/wide.parquet', wideBytes);
    const { columns } = await inspect(wide);
    const chunks = columns
      .filter(({ name }) => name === 'c3' || name === 'c11')
      .reduce((sum, { compressedBytes }) => sum + compressedBytes, 0);
    const footer = wideBytes.readUInt32LE(wideBytes.length - 8) + 8;
    s3.takeBytes();
    const { code, stderr, stdout } = await runCli(
      [
        ...['copy', 's3://data/wide.parquet', 'null:', '--columns', 'c3,c11', '--workers', '2'],
        ...['--endpoint-url', s3.url, '--json', '--memory', '512MiB'],
      ],
      { env: ENV },
    );
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rows.loaded, 60_000);
    const fetched = s3.takeBytes();
    // planner and workers read the footer; the first read of a file has 64 KiB
    const allowed = 1.1 * chunks + 3 * footer + 65_536;
    assert.ok(
      fetched <= allowed,
      `${fetched} bytes were fetched, ${chunks} are in the chunks, ${footer} in the footer`,
    );
    assert.ok(fetched < wideBytes.length / 4);
  });
});

describe('the command', () => {
  it('loads a prefix with partitions, and shows no secret whatever is asked for', async () => {
    for (const day of [1, 2, 3]) s3.put(`data/p/day=${day}/rows.parquet`, BYTES);
    const args = [
      'copy',
      's3://data/p/**/*.parquet',
      'null:',
      '--where',
      'day >= 2',
      '--endpoint-url',
      s3.url,
    ];
    const { code, stdout, stderr } = await runCli([...args, '--json', '-v', '--log-level', 'trace'], {
      env: ENV,
    });
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rows.loaded, 2 * ROWS);
    assert.doesNotMatch(stdout + stderr, /test\/secret|Signature=/);
  });

  it('never shows the query of a signed URL, in success and in failure', async () => {
    const url = `${s3.url}/data/rows.parquet?X-Amz-Signature=TOPSECRET&X-Amz-Expires=60`;
    s3.faultOf = ({ url: seen }) => (/TOPSECRET/.test(seen) ? null : { do: 'status', status: 403 });
    // the fake would check the made-up signature
    s3.accounts.set('', { secret: '' });
    const run = (source: string) =>
      runCli(['copy', source, 'null:', '--json', '-v', '--log-level', 'trace'], { env: ENV });
    for (const result of [await run(url), await run(url.replace('rows', 'none'))]) {
      assert.doesNotMatch(result.stdout + result.stderr, /TOPSECRET/);
    }
  });

  it('takes credentials from a program', async () => {
    const config = join(dir, 'aws-config');
    const answer = JSON.stringify({
      Version: 1,
      AccessKeyId: S3_TEST_KEY.id,
      SecretAccessKey: S3_TEST_KEY.secret,
    });
    writeFileSync(join(dir, 'answer.json'), answer);
    writeFileSync(config, `[profile tool]\ncredential_process = cat ${join(dir, 'answer.json')}\n`);
    const { code, stderr } = await runCli(
      ['copy', 's3://data/rows.parquet', 'null:', '--profile', 'tool', '--endpoint-url', s3.url],
      {
        env: {
          ...ENV,
          AWS_ACCESS_KEY_ID: undefined,
          AWS_SECRET_ACCESS_KEY: undefined,
          AWS_CONFIG_FILE: config,
        },
      },
    );
    rmSync(config);
    assert.equal(code, 0, stderr);
  });

  it('ends with 3 and the code when it may not read', async () => {
    const { code, stderr } = await runCli(
      ['copy', 's3://data/rows.parquet', 'null:', '--endpoint-url', s3.url],
      { env: { ...ENV, AWS_SECRET_ACCESS_KEY: 'wrong-one' } },
    );
    assert.equal(code, 3);
    assert.match(stderr, /SOURCE_DENIED/);
    assert.match(stderr, /environment \(AWS_ACCESS_KEY_ID\)/);
    assert.doesNotMatch(stderr, /wrong-one/);
  });
});
