// Our OSS signatures against requests that Alibaba Cloud's SDKs signed: the same bytes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  canonicalRequest,
  type OssRequest,
  type OssScope,
  signHeaders,
  signQuery,
  stringToSign,
} from '../../../src/storage/oss/sign.ts';
import { queryText } from '../../../src/storage/remote/bucket-service.ts';
import { checkOssSignature } from '../../fakes/objects/oss-signature.ts';
import { OSS_KEY, OSS_TIME, OSS_VECTORS, type OssVector } from './oss-vectors.ts';

const SIGNED = /^(authorization|x-oss-date|x-oss-content-sha256|x-oss-security-token)$/i;

const scopeOf = (vector: OssVector): OssScope => ({
  identity: { accessKeyId: OSS_KEY.id, accessKeySecret: OSS_KEY.secret, securityToken: vector.securityToken },
  region: vector.region,
  at: new Date(OSS_TIME),
});

const without = (pairs: Readonly<Record<string, string>>, names: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).filter(([name]) => !names.test(name)));

const queryOf = (url: string): Record<string, string> =>
  Object.fromEntries(
    (url.split('?')[1] ?? '')
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', value = ''] = pair.split('=');
        return [decodeURIComponent(name), decodeURIComponent(value)];
      }),
  );

/** The request as it was before it was signed. */
function requestOf(vector: OssVector): OssRequest {
  const path = vector.url.replace(/^https?:\/\/[^/]+/, '').split('?')[0]!;
  const inPath = vector.url.startsWith('http://127.');
  const key = decodeURIComponent(inPath ? path.replace(/^\/par-bucket\//, '') : path.slice(1));
  return {
    method: vector.method,
    bucket: 'par-bucket',
    key,
    query: without(queryOf(vector.url), /^x-oss-(signature|date|expires|credential|security-token)/),
    headers: without(vector.headers, SIGNED),
    additionalHeaders: vector.additionalHeaders,
  };
}

describe('OSS signatures', () => {
  assert.equal(OSS_VECTORS.length, 15);

  for (const vector of OSS_VECTORS) {
    const request = requestOf(vector);
    const scope = scopeOf(vector);

    it(`${vector.name}: the same bytes as the SDKs`, () => {
      if (vector.kind === 'header') {
        const headers = signHeaders(request, scope);
        assert.equal(headers.authorization, vector.headers.Authorization);
        const { authorization: _, ...rest } = headers;
        const full = { ...request, headers: rest };
        assert.equal(canonicalRequest(full), vector.canonicalRequest);
        assert.equal(stringToSign(full, scope), vector.stringToSign);
        return;
      }
      const query = signQuery(request, scope, vector.expiresSeconds ?? 0);
      assert.deepEqual(query, queryOf(vector.url));
      const { 'x-oss-signature': _, ...unsigned } = query;
      assert.equal(canonicalRequest({ ...request, query: unsigned }), vector.canonicalRequest);
      assert.equal(stringToSign({ ...request, query: unsigned }, scope), vector.stringToSign);
    });

    it(`${vector.name}: the fake checks it`, () => {
      const { host } = new URL(vector.url);
      const headers = Object.fromEntries(
        Object.entries({ ...vector.headers, host }).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const path = vector.url.replace(/^https?:\/\/[^/]+/, '');
      const bucket = host.startsWith('127.') ? null : 'par-bucket';
      const secretOf = (id: string): string | null => (id === OSS_KEY.id ? OSS_KEY.secret : null);
      const check = (changed: string) =>
        checkOssSignature({ method: vector.method, path: changed, bucket, headers }, secretOf);
      const checked = check(path);
      assert.equal(checked?.stringToSign, vector.stringToSign);
      assert.equal(checked?.given, checked?.expected);
      const other = check(path.replace('/', '/x'));
      assert.notEqual(other?.expected, checked?.expected);
    });
  }

  it('a query text is as it is signed', () => {
    assert.equal(queryText({ uploads: '', 'b c': 'ü+/', a: '~' }), 'a=~&b%20c=%C3%BC%2B%2F&uploads');
  });
});
