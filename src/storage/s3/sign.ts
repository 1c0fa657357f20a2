// Signature Version 4, by AWS' own library.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Identity } from './credentials.ts';

/** node:crypto under the interface that the library wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error('not used');
  }
}

export interface SignRequest {
  readonly method: string;
  readonly protocol: string;
  /** With port, as the Host header has it. */
  readonly host: string;
  /** Encoded. */
  readonly path: string;
  /** Unencoded. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** The headers with those of the signature. The body is signed with them. */
export async function signedHeaders(
  request: SignRequest,
  identity: Identity,
  region: string,
  at: Date,
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = identity;
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    sha256: Sha256,
    // keys are encoded once only, unlike paths of other services
    uriEscapePath: false,
  });
  const { method, protocol, host, path, query, headers, body } = request;
  const signed = await signer.sign(
    {
      method,
      protocol,
      hostname: host,
      path,
      query: { ...query },
      headers: { ...headers, host },
      body: body ?? undefined,
    },
    { signingDate: at },
  );
  return signed.headers;
}
