import { type BucketDialect, BucketServer } from './bucket-server.ts';
import type { FakeOptions } from './object-server.ts';
import { checkOssSignature } from './oss-signature.ts';

const dialect: BucketDialect = {
  prefix: 'x-oss-',
  check: (request, bucket, secretOf) => checkOssSignature({ ...request, bucket }, secretOf),
  mustSign: () => [],
};

export const OSS_TEST_KEY = { id: 'OSSKEY', secret: 'oss-secret' };

/** With one account, `OSS_TEST_KEY`. */
export async function startOss(options: FakeOptions = {}): Promise<BucketServer> {
  const server = await BucketServer.startBuckets(dialect, options);
  server.accounts.set(OSS_TEST_KEY.id, { secret: OSS_TEST_KEY.secret });
  return server;
}
