// The fake store's check of signatures, and our own signing, against requests that others signed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signedHeaders } from '../../../src/storage/s3/sign.ts';
import { checkAwsSignature, queryPairs } from '../../fakes/objects/aws-signature.ts';
import { AWS_KEY, AWS_TIME, AWS_VECTORS, type AwsVector } from './aws-vectors.ts';

const lower = (headers: AwsVector['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Not by `URL`, which would tidy up dots and slashes. */
function partsOf(url: string): { protocol: string; host: string; path: string } {
  const [, protocol = '', host = '', path = ''] = /^(https?:)\/\/([^/]+)(.*)$/.exec(url) ?? [];
  return { protocol, host, path };
}

const secretOf = (id: string): string | null => (id === AWS_KEY.id ? AWS_KEY.secret : null);

describe('AWS signatures', () => {
  assert.equal(AWS_VECTORS.length, 19);

  for (const vector of AWS_VECTORS) {
    it(`the fake checks ${vector.name}`, () => {
      const { host, path } = partsOf(vector.url);
      const request = { method: vector.method, path, headers: { ...lower(vector.headers), host } };
      const checked = checkAwsSignature(request, secretOf);
      assert.equal(checked?.stringToSign, vector.stringToSign);
      assert.equal(checked.expected, vector.signature);
      assert.equal(checked.given, vector.signature);
      assert.equal(checked.sessionToken, vector.sessionToken);
      const other = checkAwsSignature({ ...request, path: path.replace('/', '/x') }, secretOf);
      assert.notEqual(other?.expected, vector.signature);
    });

    if (vector.headers.Authorization === undefined) continue;
    it(`we sign ${vector.name}`, async () => {
      const { protocol, host, path } = partsOf(vector.url);
      const { authorization, ...headers } = lower(vector.headers);
      const signed = await signedHeaders(
        {
          method: vector.method,
          protocol,
          host,
          path: path.split('?')[0]!,
          query: Object.fromEntries(queryPairs(path).map(({ name, value }) => [name, value])),
          headers,
          body: null,
        },
        {
          accessKeyId: AWS_KEY.id,
          secretAccessKey: AWS_KEY.secret,
          sessionToken: vector.sessionToken,
          expiresAt: null,
          source: 'test',
        },
        vector.region,
        new Date(AWS_TIME),
      );
      assert.equal(signed.authorization, authorization);
      assert.equal(signed['x-amz-date'], '20260102T030405Z');
    });
  }
});
