// Requests signed by botocore with a frozen clock and the example keys of AWS' documentation: values, made outside of this project.

export interface AwsVector {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  readonly sessionToken: string | null;
  readonly stringToSign: string;
  /** Hex. */
  readonly signature: string;
}

export const AWS_KEY = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
/** Of every vector. */
export const AWS_TIME = '2026-01-02T03:04:05Z';

export const AWS_VECTORS: readonly AwsVector[] = [
  {
    name: 'get-range',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/data/x%3D1/part-0.parquet',
    headers: {
      Range: 'bytes=100-299',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=ef37efba3110f453e5fe9de42d5966cefd0265a0f751de10409512d2aa005497',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n8a97ef7a207ac4034caffa4dc117e4e042ed268b1108d9956746cbb5596dbd4c',
    signature: 'ef37efba3110f453e5fe9de42d5966cefd0265a0f751de10409512d2aa005497',
  },
  {
    name: 'get-suffix-range-session-token',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/data/part-0.parquet',
    headers: {
      Range: 'bytes=-8',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Security-Token': 'IQoJb3JpZ2luX2VjEXAMPLE//////////token+/==',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=090c2754a1b6185e5a401179cce487df6bd4b1152883b3aec06dc8c1bc3cf899',
    },
    region: 'us-east-1',
    sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//////////token+/==',
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n2aeb0b18c7140a139d83f771dd7b2d4efa4440af44d31323dc49e54d670fb18e',
    signature: '090c2754a1b6185e5a401179cce487df6bd4b1152883b3aec06dc8c1bc3cf899',
  },
  {
    name: 'head',
    method: 'HEAD',
    url: 'https://par-bucket.s3.amazonaws.com/data/part-0.parquet',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=95a44ccbe5e70d81438585808803b2d1309ed3ec1c40c330f766747ea9b097cc',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n3455f670b8b7bee2f5b6ac999d3bc787a990726fa08a41c1f9aa0a44e8f650e0',
    signature: '95a44ccbe5e70d81438585808803b2d1309ed3ec1c40c330f766747ea9b097cc',
  },
  {
    name: 'list-type-2-prefix-delimiter',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/?list-type=2&prefix=data%2Fdt%3D2026-01-01%2Fa%20b%2Bc%2F&delimiter=%2F&max-keys=100&encoding-type=url',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=9e0fb86fded859b1e3715ebb48a5ac4459eea0f7dc217fe4a777ce0abc833a2f',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n048fd28656c511c723b2831b858d8bca4c4177e910100e68c2693827d823ddc9',
    signature: '9e0fb86fded859b1e3715ebb48a5ac4459eea0f7dc217fe4a777ce0abc833a2f',
  },
  {
    name: 'list-type-2-continuation-start-after',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/?list-type=2&prefix=d%2F&continuation-token=1ueGcxLPRx1Tr%2FXYExHnhbYLgveDs2J%2Fwm36Hy4vbOwM%3D&start-after=d%2Fz%27%28%29%2A%21~&encoding-type=url',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=f51867a734782a836452c3263df090cb39362130cc028087bd4effc5098261ba',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\ndfc25787cba9d8172fe18ddcf0fb7a102b8908f1e85d02db829b74004884ea59',
    signature: 'f51867a734782a836452c3263df090cb39362130cc028087bd4effc5098261ba',
  },
  {
    name: 'get-unicode-special-key',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/data/%C3%BC%20%E6%97%A5%E6%9C%AC/a%2Bb%26c%3Dd%20e%2520f~-_.%21%2A%27%28%29%3B%3A%40%24%2C%3F%23%5B%5D.parquet',
    headers: {
      Range: 'bytes=0-3',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=ba79ba7f148b749cd171e449fe9d7546f217fd439828e942bf9cb655acc79782',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n5289b074ea4682265c0461d5fc812a4149c1588886d9f186460d9c9986689fa3',
    signature: 'ba79ba7f148b749cd171e449fe9d7546f217fd439828e942bf9cb655acc79782',
  },
  {
    name: 'get-key-with-double-slash-and-dots',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/a//b/../c/./d.parquet',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=d0a76bf14c2f6c674b9152fb752f559a678eb93fc274a716c8ead1893b28f656',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n02c47686ae242bdb0aa0da6568a4e488a805f33ec5584daba3d8131417c30064',
    signature: 'd0a76bf14c2f6c674b9152fb752f559a678eb93fc274a716c8ead1893b28f656',
  },
  {
    name: 'get-if-match',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/a.parquet',
    headers: {
      'If-Match': '"6805f2cfc46c0f04559748bb039d69ae"',
      Range: 'bytes=0-65535',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;if-match;range;x-amz-content-sha256;x-amz-date, Signature=a8131f619e72ee34fb2c6f57b55cb22fe02a24bafa3bcf3399012f37b6e302bf',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n94359416492efcb2b5d77ab83e1ccb291a3f06124aefee4ef91e849dc4817f20',
    signature: 'a8131f619e72ee34fb2c6f57b55cb22fe02a24bafa3bcf3399012f37b6e302bf',
  },
  {
    name: 'get-version-id',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/a.parquet?versionId=L4kqtJlcpXroDTDmpUMLUo%2B%2F%3D',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=fc52a60ff6bd7fcedf29ec2441308ac9b40268378d0d1106ace14f9ce2caf84e',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n3bc811e7fed80ee37dca3893ac02f60a05fe0148e27d42a908233440f46b9d58',
    signature: 'fc52a60ff6bd7fcedf29ec2441308ac9b40268378d0d1106ace14f9ce2caf84e',
  },
  {
    name: 'put-small',
    method: 'PUT',
    url: 'https://par-bucket.s3.amazonaws.com/out/part-00001.parquet',
    headers: {
      'Content-Type': 'application/vnd.apache.parquet',
      'x-amz-meta-rows': '5',
      'x-amz-meta-slice': 'a  b',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-rows;x-amz-meta-slice, Signature=439445dfb73ec7d3f9982e90b31680cca69edbf1c9abefa1cc40f53b61cafdb9',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n0b5de9d0c52d52a239c96cb7764c4771e00d3629ee8949f383d8e4a28d99ad93',
    signature: '439445dfb73ec7d3f9982e90b31680cca69edbf1c9abefa1cc40f53b61cafdb9',
  },
  {
    name: 'put-empty-if-none-match',
    method: 'PUT',
    url: 'https://par-bucket.s3.amazonaws.com/out/_SUCCESS',
    headers: {
      'If-None-Match': '*',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date, Signature=0162974e805e9d19743f6cd03b20fe61827eb4328c013da93c80231568150aae',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\nf7b6838161c1e3a90d5d569548457f04c449b433d223f9ff537e22a02828d9f5',
    signature: '0162974e805e9d19743f6cd03b20fe61827eb4328c013da93c80231568150aae',
  },
  {
    name: 'create-multipart',
    method: 'POST',
    url: 'https://par-bucket.s3.amazonaws.com/out/big.parquet?uploads',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=e2c283a9247561e1cfb98e859f6574fa39a7150b68919534db2dcdf09d69e9d8',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\ndf9315664e8484afc5fe629a9c7184739104451c4059999e020c2fe44d69cea0',
    signature: 'e2c283a9247561e1cfb98e859f6574fa39a7150b68919534db2dcdf09d69e9d8',
  },
  {
    name: 'upload-part',
    method: 'PUT',
    url: 'https://par-bucket.s3.amazonaws.com/out/big.parquet?partNumber=2&uploadId=VCVsb2FkIElEIGZvciBlbZZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZR',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': '37a680133bd09342f934afb8dd2c7d9e1b624da5f35e3a38adb103e37c055ed1',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=6f82f857e5706aff11751415a72318f8141f5e1fa2325b297c73d9cfad074303',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\nad7b795643c3a12d2b5d9f0656bd2a14828608cb92abad6fa75760264b901d94',
    signature: '6f82f857e5706aff11751415a72318f8141f5e1fa2325b297c73d9cfad074303',
  },
  {
    name: 'complete-multipart',
    method: 'POST',
    url: 'https://par-bucket.s3.amazonaws.com/out/big.parquet?uploadId=VCVsb2Fk',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': '0e436a774014fee89b30326ac480a83f72877d879c0f549b2f18bd52357b1cc7',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=cd5cf3787174920ca5100bdda263762d326fdf904b41aedb5cf438bc81b7db89',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n56d20f14d915d31e84874bcc1a6e117bbba2ff6949d94a551d499b1c44b0cb8b',
    signature: 'cd5cf3787174920ca5100bdda263762d326fdf904b41aedb5cf438bc81b7db89',
  },
  {
    name: 'path-style-custom-endpoint-port',
    method: 'GET',
    url: 'http://127.0.0.1:9000/par-bucket/a/b.parquet',
    headers: {
      Range: 'bytes=0-9',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=1e3409e5e0c49db418bd2672e6aaef30daa82e2875c5979922e2033ab3a21345',
    },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n2cc72f1a432d289c06ae33ba9296bcdc7bfe0f3b8bd69bb9778bc20a99b568ff',
    signature: '1e3409e5e0c49db418bd2672e6aaef30daa82e2875c5979922e2033ab3a21345',
  },
  {
    name: 'other-region',
    method: 'GET',
    url: 'https://par-bucket.s3.ap-southeast-1.amazonaws.com/?list-type=2&prefix=p&encoding-type=url',
    headers: {
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Content-SHA256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/ap-southeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=6d85d1a098288bcc52c13c46940f047c94d1cc44ecee340e476ba41b3a653d0b',
    },
    region: 'ap-southeast-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/ap-southeast-1/s3/aws4_request\nc8006593c071098582eda8bed4d452e26b7a85e4af1f49ba15627201facbbf14',
    signature: '6d85d1a098288bcc52c13c46940f047c94d1cc44ecee340e476ba41b3a653d0b',
  },
  {
    name: 'presigned-get',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/data/%C3%BC%20x/part%2B0.parquet?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=79d409ce064270d6beeabddd264e5ba29d505b1b0847ba3fb241afd37f614e0e',
    headers: {},
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n57bed12006ab4d40de0b3fea9de3df32bd473f1841244e155ec06fd9734280b0',
    signature: '79d409ce064270d6beeabddd264e5ba29d505b1b0847ba3fb241afd37f614e0e',
  },
  {
    name: 'presigned-get-session-token',
    method: 'GET',
    url: 'https://par-bucket.s3.amazonaws.com/data/part-0.parquet?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2Ftoken%2B%2F%3D%3D&X-Amz-Signature=f1d234bb8859a473fc0c1e71b43bc04a2e06b8c88d7658c833742ee6b4862d2a',
    headers: {},
    region: 'us-east-1',
    sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//////////token+/==',
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n6c02416753c5651e584fab95f28b7d85c50a9b1da922ec1cbf34cbf9dbfe7843',
    signature: 'f1d234bb8859a473fc0c1e71b43bc04a2e06b8c88d7658c833742ee6b4862d2a',
  },
  {
    name: 'presigned-put',
    method: 'PUT',
    url: 'https://par-bucket.s3.amazonaws.com/out/p.parquet?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=600&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=3a2ef5cf485fc9b8728cddd6913ba03634b17aae07e4fa04d23dde03f9c5dc4f',
    headers: { 'Content-Type': 'application/octet-stream' },
    region: 'us-east-1',
    sessionToken: null,
    stringToSign:
      'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/s3/aws4_request\n8a1645ce30b1d7cc3a96f798511e709d60985269f835224103291c63d8f966a5',
    signature: '3a2ef5cf485fc9b8728cddd6913ba03634b17aae07e4fa04d23dde03f9c5dc4f',
  },
];
