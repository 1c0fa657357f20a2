// Requests signed by Alibaba Cloud's own SDKs with a frozen clock and made-up keys: values, made outside of this project.

export interface OssVector {
  readonly name: string;
  readonly kind: 'header' | 'presigned';
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  readonly securityToken: string | null;
  readonly additionalHeaders: readonly string[];
  /** Of presigned ones. */
  readonly expiresSeconds: number | null;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

export const OSS_KEY = { id: 'parloadTestKeyId', secret: 'parloadTestKeySecret' };
/** Of every vector. */
export const OSS_TIME = '2026-01-02T03:04:05Z';

export const OSS_VECTORS: readonly OssVector[] = [
  {
    name: 'get-range',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/x%3D1/part-0.parquet',
    headers: {
      Range: 'bytes=100-299',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=d2bd47dcb7762a79c01f932b0bccc19204dced989108d1f88f390f37e2793ed8',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/data/x%3D1/part-0.parquet\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n1c9f6b8fecbf2ac24f762063cf37bd0013d2e60ea4fb6623f2a41f816b3b104f',
  },
  {
    name: 'get-range-signed-as-additional-header',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/part-0.parquet',
    headers: {
      Range: 'bytes=0-7',
      Host: 'par-bucket.oss-cn-hangzhou.aliyuncs.com',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,AdditionalHeaders=host;range,Signature=31e97d5fa09e4bacecf5fa036bb6ebb56da92797aa109a53c6171e07daaf7ecd',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: ['host', 'range'],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/data/part-0.parquet\n\nhost:par-bucket.oss-cn-hangzhou.aliyuncs.com\nrange:bytes=0-7\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\nhost;range\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n6dc2c9a1d045bcff1be7cb66fc04ca6835af66bfdf48c3a68f603054a8e62689',
  },
  {
    name: 'get-suffix-range-security-token',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/part-0.parquet',
    headers: {
      Range: 'bytes=-8',
      'x-oss-date': '20260102T030405Z',
      'x-oss-security-token': 'CAISqgN1q6Ft5B2yfSjIr5+/TOKEN==',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=54a651131f13ad9a37a1665b50b93744343919ac3fd277697d82d224be52e9c4',
    },
    region: 'cn-hangzhou',
    securityToken: 'CAISqgN1q6Ft5B2yfSjIr5+/TOKEN==',
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/data/part-0.parquet\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\nx-oss-security-token:CAISqgN1q6Ft5B2yfSjIr5+/TOKEN==\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n60284372c67ac41bb5ce3be6995d34159d4c60ca27bd904897618665b7a77d4a',
  },
  {
    name: 'put-with-content-type-and-md5',
    kind: 'header',
    method: 'PUT',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/out/part-00001.parquet',
    headers: {
      'x-oss-meta-rows': '5',
      'x-oss-meta-slice': 'a b',
      'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==',
      'Content-Type': 'application/vnd.apache.parquet',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=098bb66366d16a936464942371aeae99b64c2df54ed4f19cc6ac5848c75f9c07',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'PUT\n/par-bucket/out/part-00001.parquet\n\ncontent-md5:XUFAKrxLKna5cZ2REBfFkg==\ncontent-type:application/vnd.apache.parquet\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\nx-oss-meta-rows:5\nx-oss-meta-slice:a b\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n00d8ef38a0b330725dc845d43d8f0de06da778a60e6845439a0ba41cc680328e',
  },
  {
    name: 'put-forbid-overwrite',
    kind: 'header',
    method: 'PUT',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/out/_SUCCESS',
    headers: {
      'x-oss-forbid-overwrite': 'true',
      'Content-Type': 'application/octet-stream',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=e622937eac94348bf078dc282854a0d1f5dd2f527bb317c8c04b68510878fc88',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'PUT\n/par-bucket/out/_SUCCESS\n\ncontent-type:application/octet-stream\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\nx-oss-forbid-overwrite:true\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n957cb6974c11cdb2c162f2676d1ce4413e769e4338815bf2ac4117a19a43730b',
  },
  {
    name: 'head',
    kind: 'header',
    method: 'HEAD',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/part-0.parquet',
    headers: {
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=449795ec10bb5de7e817c7d66f21f32f35eb0638d943215d676855ab29257328',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'HEAD\n/par-bucket/data/part-0.parquet\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n7e5c2f47f4fca8b7fffdf7eec7113f5ede1c25912fd049280079a85c4249e87d',
  },
  {
    name: 'list-objects-v2-prefix-token',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/?encoding-type=url&list-type=2&delimiter=%2F&continuation-token=CgJ0ZXN0%2B%2F%3D%3D&max-keys=100&prefix=data%2Fdt%3D2026-01-01%2Fa%20b%2Bc%2F',
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg==',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=f8df78eed2be288990faccf0715122486bb98a1504c493f5ffa7866df6aef646',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/\ncontinuation-token=CgJ0ZXN0%2B%2F%3D%3D&delimiter=%2F&encoding-type=url&list-type=2&max-keys=100&prefix=data%2Fdt%3D2026-01-01%2Fa%20b%2Bc%2F\ncontent-md5:1B2M2Y8AsgTpgAmY7PhCfg==\ncontent-type:application/octet-stream\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n5ad4c8976837bc1e67d5d149de0d271d9cf8f958bf40c58cc869a4caf3d689b9',
  },
  {
    name: 'get-special-characters-unicode-key',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/%C3%BC%20%E6%97%A5%E6%9C%AC/a%2Bb%26c%3Dd%20e%2520f~-_.%21%2A%27%28%29%3B%3A%40%24%2C%3F%23%5B%5D.parquet',
    headers: {
      Range: 'bytes=0-3',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=6ceca7862d419ec8cd9542b00644fa1b571aa2c9d6ad7f04353e7966647dc6a6',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/data/%C3%BC%20%E6%97%A5%E6%9C%AC/a%2Bb%26c%3Dd%20e%2520f~-_.%21%2A%27%28%29%3B%3A%40%24%2C%3F%23%5B%5D.parquet\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n4ee47e9545706cd9df25f782ca4834a0950c8ccda5f5ac817c55b95deb526971',
  },
  {
    name: 'initiate-multipart',
    kind: 'header',
    method: 'POST',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/out/big.parquet?uploads=&encoding-type=url',
    headers: {
      'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg==',
      'Content-Type': 'application/octet-stream',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=ac1218a49033613c36a516d734dbcbbe5e2aa894f2014eed4d4dce42496c9991',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'POST\n/par-bucket/out/big.parquet\nencoding-type=url&uploads\ncontent-md5:1B2M2Y8AsgTpgAmY7PhCfg==\ncontent-type:application/octet-stream\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\nc7811281c69ad021e685f4b131540c8a79cd0739009666ee1ebd9098a61a4bb6',
  },
  {
    name: 'upload-part',
    kind: 'header',
    method: 'PUT',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/out/big.parquet?partNumber=2&uploadId=0004B999EF5A239BB9138C6227D69F95',
    headers: {
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=e658efa619d640fe02187b6f6b4b175956832017032be29beeeeb177704430c8',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'PUT\n/par-bucket/out/big.parquet\npartNumber=2&uploadId=0004B999EF5A239BB9138C6227D69F95\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\nce00a346bdef8148e84b4b0c7ff90fceae73450eb66656dec46c14734a00dbe1',
  },
  {
    name: 'list-objects-v2-other-region-internal',
    kind: 'header',
    method: 'GET',
    url: 'https://par-bucket.oss-us-west-1.aliyuncs.com/?encoding-type=url&list-type=2&prefix=p',
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg==',
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/us-west-1/oss/aliyun_v4_request,Signature=ff531c0bc39f7983e27c02a03f0943e789cbfa608c91043cbc0c30cb90490c9d',
    },
    region: 'us-west-1',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/\nencoding-type=url&list-type=2&prefix=p\ncontent-md5:1B2M2Y8AsgTpgAmY7PhCfg==\ncontent-type:application/octet-stream\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-west-1/oss/aliyun_v4_request\nc9d0d67514ba6a7d87c81c14a4519d0cab1c036e3ec8caa41a0b3f4d5bc45c21',
  },
  {
    name: 'path-style-custom-endpoint-get',
    kind: 'header',
    method: 'GET',
    url: 'http://127.0.0.1:9000/par-bucket/a/b.parquet',
    headers: {
      'x-oss-date': '20260102T030405Z',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=parloadTestKeyId/20260102/cn-hangzhou/oss/aliyun_v4_request,Signature=3d10970ef17e94e2f458bff1356c24175951eb13b1c03f49378e2b48dc9da389',
    },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: null,
    canonicalRequest:
      'GET\n/par-bucket/a/b.parquet\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260102T030405Z\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n1cdf6e0e5f07d6438e11c2e6e16afde234fe2ff2fbb57ffd51e5ed2d47bab265',
  },
  {
    name: 'presigned-get',
    kind: 'presigned',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/%C3%BC%20x/part%2B0.parquet?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20260102T030405Z&x-oss-expires=900&x-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature=c33ef1f4b75ea641c613a7966ebc55ffed1263fd77134ac0a436112bfd2ec520',
    headers: {},
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: 900,
    canonicalRequest:
      'GET\n/par-bucket/data/%C3%BC%20x/part%2B0.parquet\nx-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260102T030405Z&x-oss-expires=900&x-oss-signature-version=OSS4-HMAC-SHA256\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\nd55bc3d92a8c5cbe7e2c84cf2ee01940a8b28f495f390962744d156039811f1e',
  },
  {
    name: 'presigned-get-security-token',
    kind: 'presigned',
    method: 'GET',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/data/part-0.parquet?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20260102T030405Z&x-oss-expires=3600&x-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-security-token=CAISqgN1q6Ft5B2yfSjIr5%2B%2FTOKEN%3D%3D&x-oss-signature=3d406e7bfe33da1b7af9091965e7b26a2458dd36f72de26af45d16767e72b10d',
    headers: {},
    region: 'cn-hangzhou',
    securityToken: 'CAISqgN1q6Ft5B2yfSjIr5+/TOKEN==',
    additionalHeaders: [],
    expiresSeconds: 3600,
    canonicalRequest:
      'GET\n/par-bucket/data/part-0.parquet\nx-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260102T030405Z&x-oss-expires=3600&x-oss-security-token=CAISqgN1q6Ft5B2yfSjIr5%2B%2FTOKEN%3D%3D&x-oss-signature-version=OSS4-HMAC-SHA256\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\neb75fd849356359f0ee6c92e8d1ad4ba88c272f1fd964bd921b95a89f7560681',
  },
  {
    name: 'presigned-put',
    kind: 'presigned',
    method: 'PUT',
    url: 'https://par-bucket.oss-cn-hangzhou.aliyuncs.com/out/p.parquet?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20260102T030405Z&x-oss-expires=600&x-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature=06781b02c95c9b7ecc0562a8928306954b5b92130273be44a5001ce44a7d7acb',
    headers: { 'Content-Type': 'application/octet-stream' },
    region: 'cn-hangzhou',
    securityToken: null,
    additionalHeaders: [],
    expiresSeconds: 600,
    canonicalRequest:
      'PUT\n/par-bucket/out/p.parquet\nx-oss-credential=parloadTestKeyId%2F20260102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260102T030405Z&x-oss-expires=600&x-oss-signature-version=OSS4-HMAC-SHA256\ncontent-type:application/octet-stream\n\n\nUNSIGNED-PAYLOAD',
    stringToSign:
      'OSS4-HMAC-SHA256\n20260102T030405Z\n20260102/cn-hangzhou/oss/aliyun_v4_request\n24debad5f5ac23af32a99d28311cacce945ac18f9bd6c669d7b1ba9f9ac5e1ba',
  },
];
