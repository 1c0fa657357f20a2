// The same against a real S3 server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Float64, Int64, Utf8 } from 'apache-arrow';
import { ParloadError } from '../../src/errors/index.ts';
import { Stores } from '../../src/storage/index.ts';
import { S3_TEST_KEY } from '../fakes/objects/s3-server.ts';
import { HOW, Seaweed, weedBinary } from '../fakes/objects/seaweed.ts';
import { withEnvironment } from '../support/environment.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { readCells } from '../support/read-cells.ts';
import { temporaryFolder } from '../support/root.ts';

const MiB = 1024 * 1024;

withEnvironment({
  AWS_ACCESS_KEY_ID: process.env.PARLOAD_TEST_S3_KEY ?? S3_TEST_KEY.id,
  AWS_SECRET_ACCESS_KEY: process.env.PARLOAD_TEST_S3_SECRET ?? S3_TEST_KEY.secret,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

/** A server may listen before it can store. */
async function write(stores: Stores, uri: string, bytes: Uint8Array): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const sink = await stores.create(uri);
      await sink.write(bytes);
      await sink.finish();
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(500);
    }
  }
}

test('a real S3 server: write, list, read, and notice changes', async (t) => {
  const given = process.env.PARLOAD_TEST_S3_URL;
  const binary = given === undefined ? weedBinary() : null;
  if (given === undefined && binary === null) {
    t.skip(
      `${HOW}; or set PARLOAD_TEST_S3_URL, PARLOAD_TEST_S3_KEY, PARLOAD_TEST_S3_SECRET (bucket parload-test)`,
    );
    return;
  }
  const server = binary === null ? null : await Seaweed.start(binary);
  const endpointUrl = given ?? server!.url;
  const stores = new Stores({ endpointUrl });
  const bucket = 's3://parload-test';
  try {
    const path = writeParquetFile(join(temporaryFolder(), 'rows.parquet'), {
      rows: 30_000,
      rowGroupRows: 10_000,
      columns: [
        { name: 'id', type: new Int64(), value: (row) => BigInt(row) },
        { name: 'x', type: new Float64(), value: (row) => Math.sqrt(row) },
        { name: 'text', type: new Utf8(), value: (row) => `row ${row} ä` },
      ],
    });
    const bytes = readFileSync(path);
    for (const key of ['d/year=2024/a b+c.parquet', 'd/year=2025/ü.parquet'])
      await write(stores, `${bucket}/${key}`, bytes);
    const { objects } = await stores.list(`${bucket}/d/**/*.parquet`, { extensions: ['.parquet'] });
    assert.deepEqual(
      objects.map(({ uri, sizeBytes, partitions }) => [uri, sizeBytes, partitions[0]]),
      [
        [`${bucket}/d/year=2024/a b+c.parquet`, bytes.length, 'year=2024'],
        [`${bucket}/d/year=2025/ü.parquet`, bytes.length, 'year=2025'],
      ],
    );
    const far = await readCells(`${bucket}/d/year=2024/a b+c.parquet`, { source: { endpointUrl } });
    assert.deepEqual(far, await readCells(path));

    const big = new Uint8Array(17 * MiB + 5);
    for (let i = 0; i < big.length; i += 101) big[i] = i & 255;
    await write(stores, `${bucket}/big.bin`, big);
    const object = await stores.open(`${bucket}/big.bin`);
    assert.ok(Buffer.from(await object.read(0, big.length)).equals(big));
    await write(stores, `${bucket}/big.bin`, big.subarray(0, 100));
    await assert.rejects(
      object.read(0, 10),
      (error) => ParloadError.is(error) && error.code === 'SOURCE_CHANGED',
    );
    await assert.rejects(
      stores.list(`${bucket}/none`, { extensions: ['.parquet'] }),
      (error) => ParloadError.is(error) && error.code === 'SOURCE_NOT_FOUND',
    );
  } finally {
    await stores.close();
    await server?.close();
  }
});
