import { checkAwsSignature } from './aws-signature.ts';
import { type BucketDialect, BucketServer } from './bucket-server.ts';
import type { FakeOptions } from './object-server.ts';

const dialect: BucketDialect = {
  prefix: 'x-amz-',
  check: (request, _bucket, secretOf) => checkAwsSignature(request, secretOf),
  mustSign: (headers) => ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))],
};

export const S3_TEST_KEY = { id: 'TESTKEY', secret: 'test/secret+key' };

/** With one account, `S3_TEST_KEY`. */
export async function startS3(options: FakeOptions = {}): Promise<BucketServer> {
  const server = await BucketServer.startBuckets(dialect, options);
  server.accounts.set(S3_TEST_KEY.id, { secret: S3_TEST_KEY.secret });
  return server;
}
